package format

import (
	"strings"
	"testing"
)

func TestJSON(t *testing.T) {
	check(t, JSON, []rule{
		{"Whisper", `{"task":"transcribe","language":"english","duration":8.47,"text":" Hello. Hi.","segments":[
			{"id":0,"seek":0,"start":0.0,"end":3.32,"text":" Hello.","tokens":[50364,440],"temperature":0.0},
			{"id":1,"start":3.32,"end":3.32,"text":" Hi."},{"id":2,"start":4,"end":5,"text":"  "}]}`,
			[]string{"|0|3320|Hello.", "|3320||Hi."}},
		{"WhisperX", `{"segments":[{"start":0.009,"end":1.2,"text":" Hello.","words":[{"word":"Hello.","start":0.009,"end":1.2,"speaker":"SPEAKER_00"}],"speaker":"SPEAKER_00"},
			{"start":1.5,"end":2,"text":" Hi.","words":[{"word":"Hi.","speaker":"SPEAKER_01"}]}],"word_segments":[{"word":"Hello."}]}`,
			[]string{"SPEAKER_00|9|1200|Hello.", "SPEAKER_01|1500|2000|Hi."}},
		{"whisper.cpp", `{"systeminfo":"x","model":{"type":"base"},"params":{"language":"en"},"result":{"language":"en"},"transcription":[
			{"timestamps":{"from":"00:00:00,000","to":"00:00:03,300"},"offsets":{"from":0,"to":3300},"text":" Hello."}]}`,
			[]string{"|0|3300|Hello."}},
		{"words of OpenAI", `{"language":"german","words":[{"word":"Hallo","start":0.1,"end":0.4},{"word":"Welt.","start":0.5,"end":0.9},{"word":"Ja","start":4,"end":4.5}]}`,
			[]string{"|100|900|Hallo Welt.", "|4000|4500|Ja"}},
		{"text of OpenAI", `{"text":"Hello.\nYou.\n\nHi."}`, []string{"|||Hello. You.", "|||Hi."}},
		{"words only in the text", `{"segments":[{"start":1,"text":""}],"words":[],"text":"Hello."}`, []string{"|||Hello."}},
		{"a list of segments", ` [ {"start":1,"end":"2.5","text":"Hello.","speaker":null}, {"text":"Hi.","speaker":2} ] `,
			[]string{"|1000|2500|Hello.", "Speaker 2|||Hi."}},
		{"Podcasting 2.0", `{"version":"1.0.0","segments":[{"speaker":"Ana","startTime":0.5,"endTime":0.75,"body":"Hello."}]}`,
			[]string{"Ana|500|750|Hello."}},
		{"griot", `{"session_id":"ses_1","status":"completed","complete":true,"language":"en","duration_seconds":9,"last_seq":2,"segments":[
			{"seq":1,"speaker":"Ana","role":"host","start_ms":1,"end_ms":20,"text":"Hello.","range":[0,5]},
			{"seq":2,"speaker":null,"role":null,"start_ms":null,"end_ms":null,"text":"Hi.","range":[7,9]}],"text":"Hello.\nHi."}`,
			[]string{"Ana|1|20|Hello.", "|||Hi."}},
		{"AssemblyAI", `{"id":"x","status":"completed","language_code":"en_us","audio_duration":12,"text":"Hello. Hi.",
			"words":[{"text":"Hello.","start":250,"end":650,"confidence":0.9,"speaker":"A"}],
			"utterances":[{"confidence":0.9,"start":250,"end":650,"speaker":"A","text":"Hello.","words":[{"text":"Hello.","start":250,"speaker":"A"}]},
			{"start":900,"end":1200,"speaker":"B","text":"Hi.","words":[]}]}`,
			[]string{"A|250|650|Hello.", "B|900|1200|Hi."}},
		{"words of AssemblyAI", `{"utterances":null,"words":[{"text":"Hello,","start":250,"end":650,"speaker":null},{"start":700,"end":900,"text":"you."},{"text":"Hi.","start":1500,"end":1600}]}`,
			[]string{"|250|900|Hello, you.", "|1500|1600|Hi."}},
		{"utterances of Deepgram", `{"metadata":{"duration":25.9},"results":{"channels":[{"alternatives":[{"transcript":"hello hi","words":[{"word":"hello"}]}]}],
			"utterances":[{"start":0.5,"end":1.25,"channel":0,"transcript":"Hello.","words":[{"word":"hello","speaker":0}],"speaker":0},{"start":2,"end":3,"transcript":"Hi.","speaker":1}]}}`,
			[]string{"Speaker 0|500|1250|Hello.", "Speaker 1|2000|3000|Hi."}},
		{"paragraphs of Deepgram", `{"results":{"channels":[{"alternatives":[{"transcript":"x","words":[{"word":"x","start":0,"end":1}],"paragraphs":{"transcript":"x",
			"paragraphs":[{"sentences":[{"text":"Hello.","start":0.5,"end":1},{"text":"You.","start":1,"end":2}],"speaker":0,"num_words":2,"start":0.5,"end":2}]}},{"transcript":"no"}]}]}}`,
			[]string{"Speaker 0|500|2000|Hello. You."}},
		{"words of Deepgram", `{"results":{"channels":[
			{"alternatives":[{"words":[{"word":"hello","punctuated_word":"Hello.","start":0.5,"end":1},{"punctuated_word":"Bye.","word":"bye","start":5,"end":6}]}]},
			{"alternatives":[{"words":[{"word":"hi","start":2,"end":3}]}]}]}}`,
			[]string{"Channel 0|500|1000|Hello.", "Channel 1|2000|3000|hi", "Channel 0|5000|6000|Bye."}},
	})
}

func item(start, end, text, more string) string {
	if start == "" {
		return `{"type":"punctuation","alternatives":[{"confidence":"0.0","content":"` + text + `"}]` + more + `}`
	}
	return `{"id":1,"start_time":"` + start + `","end_time":"` + end + `","alternatives":[{"confidence":"0.99","content":"` + text +
		`"},{"content":"no"}],"type":"pronunciation"` + more + `}`
}

func TestAmazonTranscribe(t *testing.T) {
	words := func(first, second string) string {
		return strings.Join([]string{item("4.87", "5.02", "I've", first), item("5.02", "5.64", "been", first), item("", "", ".", first),
			item("8.49", "8.88", "Sorry", second), item("", "", ",", second), item("9.05", "9.24", "that", second), item("", "", ".", second)}, ",")
	}
	file := func(results string) string {
		return `{"jobName":"j","accountId":"1","status":"COMPLETED","results":{"language_code":"en-US","transcripts":[{"transcript":"I've been. Sorry, that."}],` + results + `}}`
	}
	spans := `"speaker_labels":{"speakers":2,"segments":[
		{"start_time":"4.87","end_time":"6.88","speaker_label":"spk_0","items":[{"start_time":"4.87","speaker_label":"spk_0","end_time":"5.02"}]},
		{"start_time":"8.49","end_time":"9.0","speaker_label":"spk_1","items":[]},{"start_time":"9.05","end_time":"9.24","speaker_label":"spk_1","items":[]}]},`
	check(t, JSON, []rule{
		{"audio segments", file(spans + `"items":[` + words("", "") + `],"audio_segments":[
			{"id":0,"transcript":"I've been.","start_time":"4.87","end_time":"6.88","speaker_label":"spk_0","items":[0,1,2]},
			{"id":1,"transcript":"Sorry, that.","start_time":"8.49","end_time":"9.24","speaker_label":"spk_1","items":[3,4]}]`),
			[]string{"spk_0|4870|6880|I've been.", "spk_1|8490|9240|Sorry, that."}},
		{"speaker segments", file(spans + `"items":[` + words("", "") + `]`),
			[]string{"spk_0|4870|6880|I've been.", "spk_1|8490|9000|Sorry,", "spk_1|9050|9240|that."}},
		{"speakers after the words", `{"results":{"items":[` + words("", "") + `],` + strings.TrimSuffix(spans, ",") + `}}`,
			[]string{"spk_0|4870|6880|I've been.", "spk_1|8490|9000|Sorry,", "spk_1|9050|9240|that."}},
		{"speakers of words", file(`"items":[` + words(`,"speaker_label":"spk_0"`, `,"speaker_label":"spk_1"`) + `]`),
			[]string{"spk_0|4870|5640|I've been.", "spk_1|8490|9240|Sorry, that."}},
		{"pauses", file(`"items":[` + words("", "") + `]`), []string{"|4870|5640|I've been.", "|8490|9240|Sorry, that."}},
		{"channels", file(`"channel_labels":{"number_of_channels":2,"channels":[
			{"channel_label":"ch_1","items":[` + item("1.0", "9.9", "Yes", "") + `]},{"channel_label":"ch_0","items":[` + item("0.5", "0.9", "No", "") + `]}]},"items":[` + words("", "") + `]`),
			[]string{"ch_0|500|900|No", "ch_1|1000|9900|Yes"}},
		{"text alone", file(`"items":[]`), []string{"|||I've been. Sorry, that."}},
		{"no spaces in Chinese", file(`"items":[` + item("0.1", "0.2", "你", "") + "," + item("0.2", "0.3", "好", "") + "," + item("", "", "。", "") + `]`), []string{"|100|300|你好。"}},
		{"long speech is cut at sentences", file(`"items":[` + strings.Repeat(item("1.0", "1.2", "wordwordwordwordwordwordword", "")+","+item("", "", ".", "")+",", 12) + item("1.3", "1.4", "end", "") + `]`),
			[]string{"|1000|1200|" + strings.TrimSpace(strings.Repeat("wordwordwordwordwordwordword. ", 11)), "|1000|1400|wordwordwordwordwordwordword. end"}},
	})
}

func TestJSONFacts(t *testing.T) {
	for in, want := range map[string]string{
		`{"language":"english","duration":"8.47","segments":[{"text":"a"}]}`:                                                    "en 8470",
		`{"language_code":"en_us","audio_duration":12,"utterances":[{"text":"a"}]}`:                                             "en-US 12000",
		`{"language":null,"duration_seconds":9,"segments":[{"text":"a"}]}`:                                                      " 9000",
		`{"results":{"language_code":"zh-Hant-tw","transcripts":[{"transcript":"a"}]}}`:                                         "zh-Hant-TW ",
		`{"result":{"language":"klingon"},"transcription":[{"text":"a"}]}`:                                                      " ",
		`{"metadata":{"duration":1.5},"results":{"channels":[{"detected_language":"es","alternatives":[{"transcript":"a"}]}]}}`: "es 1500",
	} {
		p := mustParse(t, in)
		if got := p.Language + " " + number(p.DurationMS); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

func TestJSONFailures(t *testing.T) {
	checkFailing(t, []failing{
		{"truncated", "{\"segments\":[\n{\"text\":\"a\"},\n{\"te", ParseError, 3},
		{"a comma too few", "{\"segments\":[\n{\"text\":\"a\"}\n{\"text\":\"b\"}]}", ParseError, 3},
		{"single quotes", "{\n'segments': []}", ParseError, 2},
		{"a bad value below", "{\"a\": {\"b\": [1,\n2,\n tru]}}", ParseError, 3},
		{"a bracket after the end", "{\"text\":\"a\"}\n\n]", ParseError, 3},
		{"words after the end", "{\"text\":\"a\"}\nBo: b", ParseError, 2},
		{"a number after the end", "{\"text\":\"a\"}\n7", ParseError, 2},
		{"nested too deeply", "{\"a\":" + strings.Repeat("[", 200), ParseError, 1},
		{"no segments", `{"segments":[]}`, EmptyTranscript, 0},
		{"blank segments", `{"segments":[{"text":" "},{"start":1}],"text":""}`, EmptyTranscript, 0},
		{"an empty list", "[]", EmptyTranscript, 0},
		{"segments is a string", `{"segments": "none"}`, UnsupportedFormat, 0},
		{"segments are numbers", `{"segments": [7]}`, UnsupportedFormat, 0},
		{"segments without known keys", `{"segments": [{"x":"Hello.","y":3}]}`, UnsupportedFormat, 0},
		{"a list of something else", `[{"sku":"A-7","price":3.5},{"sku":"B-1","price":4}]`, UnsupportedFormat, 0},
		{"a list of strings", `["Hello.","Hi."]`, UnsupportedFormat, 0},
		{"an error", `{"error":{"message":"Invalid key","code":401}}`, UnsupportedFormat, 0},
		{"something else", `{"name":"griot","version":[1,{"a":null}]}`, UnsupportedFormat, 0},
	})
}
