package format

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"griot/internal/transcript"
)

// TestEngines has a row for every shape of JSON that is read: whose it is, the
// file, how it was read (engine, layout, codes of warnings), and its turns.
func TestEngines(t *testing.T) {
	for _, r := range []struct {
		name, in, reading string
		want              []string
	}{
		{"OpenAI, verbose", `{"task":"transcribe","language":"german","duration":6.2,"text":"Wer hat den Schlüssel? Ines.","segments":[
			{"id":0,"seek":0,"start":0.4,"end":2.1,"text":" Wer hat den Schlüssel?","tokens":[50364,9],"temperature":0.0,"avg_logprob":-0.3,"compression_ratio":1.1,"no_speech_prob":NaN},
			{"id":1,"seek":0,"start":2.5,"end":3.1,"text":" Ines.","tokens":[50],"avg_logprob":-Infinity}],"usage":{"type":"duration","seconds":7}}`,
			"openai segments no_speakers", []string{"|400|2100|Wer hat den Schlüssel?", "|2500|3100|Ines."}},
		{"OpenAI, words with the punctuation of their text", `{"task":"transcribe","language":"english","duration":7.1,"text":"Who has the key? Ines does, I'm sure. Ask her.","words":[
			{"word":"Who","start":0.4,"end":0.6},{"word":"has","start":0.6,"end":0.9},{"word":"the","start":0.9,"end":1.0},{"word":"key","start":1.0,"end":1.4},
			{"word":"Ines","start":2.4,"end":2.8},{"word":"does","start":2.8,"end":3.1},{"word":"I'm","start":3.2,"end":3.3},{"word":"sure","start":3.3,"end":3.6},
			{"word":"Ask","start":6.2,"end":6.5},{"word":"her","start":6.5,"end":6.9}]}`,
			"openai words no_speakers", []string{"|400|1400|Who has the key?", "|2400|3600|Ines does, I'm sure.", "|6200|6900|Ask her."}},
		{"OpenAI, diarized", `{"task":"transcribe","duration":9.1,"text":"Who has the key? Ines.","segments":[
			{"type":"transcript.text.segment","id":"seg_001","start":0.4,"end":2.1,"text":"Who has the key?","speaker":"host"},
			{"type":"transcript.text.segment","id":"seg_002","start":2.5,"end":3.1,"text":"Ines.","speaker":"B"}],"usage":{"type":"tokens","input_tokens":3}}`,
			"openai segments", []string{"host|400|2100|Who has the key?", "B|2500|3100|Ines."}},
		{"Whisper", `{"text":" Who has the key?","segments":[{"id":0,"seek":0,"start":0.4,"end":2.1,"text":" Who has the key?","tokens":[1],"temperature":0.0,"avg_logprob":-0.2,"compression_ratio":1.2,"no_speech_prob":0.01,
			"words":[{"word":" Who","start":0.4,"end":0.6,"probability":0.9}]}],"language":"en"}`,
			"whisper segments no_speakers", []string{"|400|2100|Who has the key?"}},
		{"whisper.cpp", `{"systeminfo":"AVX = 1","model":{"type":"base"},"params":{"model":"m.bin","language":"auto"},"result":{"language":"pt"},"transcription":[
			{"timestamps":{"from":"00:00:00,400","to":"00:00:02,100"},"offsets":{"from":400,"to":2100},"text":" Quem tem a chave?","tokens":[{"text":"[_BEG_]","timestamps":{"from":"00:00:00,000","to":"00:00:00,000"},"offsets":{"from":0,"to":0},"id":50364,"p":0.9,"t_dtw":-1},{"text":" Quem","id":2,"p":0.9}]},
			{"timestamps":{"from":"00:00:02,100","to":"00:00:02,500"},"offsets":{"from":2100,"to":2500},"text":" [BLANK_AUDIO]"},
			{"timestamps":{"from":"00:00:02,500","to":"00:00:03,100"},"offsets":{"from":2500,"to":3100},"text":" A Ines."}]}`,
			"whisper.cpp segments no_speakers lines_passed_over", []string{"|400|2100|Quem tem a chave?", "|2500|3100|A Ines."}},
		{"whisper.cpp, stereo", `{"transcription":[{"timestamps":{"from":"00:00:00,400","to":"00:00:02,100"},"offsets":{"from":400,"to":2100},"speaker":"0","text":" Who has the key?"},
			{"timestamps":{"from":"00:00:02,500","to":"00:00:03,100"},"offsets":{"from":2500,"to":3100},"speaker":"1","text":" Ines."}]}`,
			"whisper.cpp segments", []string{"Speaker 0|400|2100|Who has the key?", "Speaker 1|2500|3100|Ines."}},
		{"faster-whisper, dumped on lines", "{\"id\":1,\"seek\":0,\"start\":0.4,\"end\":2.1,\"text\":\" Who has the key?\",\"words\":null}\r\n\r\n{\"id\":2,\"start\":2.5,\"end\":3.1,\"text\":\" Ines.\"}\r\n",
			" segments no_speakers", []string{"|400|2100|Who has the key?", "|2500|3100|Ines."}},
		{"WhisperX, cut where the speaker changes", `{"segments":[{"start":0.4,"end":4.1,"text":" Who has the key? Ines. She does.","words":[
			{"word":"Who","start":0.4,"end":0.6,"score":0.9,"speaker":"SPEAKER_01"},{"word":"has","start":0.6,"end":0.9,"speaker":"SPEAKER_01"},{"word":"the"},{"word":"key?","start":1.0,"end":1.4,"speaker":"SPEAKER_01"},
			{"word":"Ines.","start":2.5,"end":3.1,"score":0.8,"speaker":"SPEAKER_00"},{"word":"She"},{"word":"does.","start":3.5,"end":3.9,"speaker":"SPEAKER_01"}],"speaker":"SPEAKER_01"}],"word_segments":[{"word":"Who","start":0.4,"end":0.6}]}`,
			"whisperx segments", []string{"SPEAKER_01|400|1400|Who has the key?", "SPEAKER_00|2500|3100|Ines. She", "SPEAKER_01|3500|4100|does."}},
		{"transformers", `{"text":" Who has the key? Ines.","chunks":[{"language":"en","timestamp":[0.4,2.1],"text":" Who has the key?"},{"timestamp":[2.5,null],"text":" Ines."}]}`,
			"transformers segments no_speakers", []string{"|400|2100|Who has the key?", "|2500||Ines."}},
		{"transformers, words", `{"text":" Who has the key? Ines.","chunks":[{"text":" Who","timestamp":[0.4,0.6]},{"text":" has","timestamp":[0.6,0.9]},{"text":" the","timestamp":[0.9,1]},{"text":" key?","timestamp":[1,1.4]},{"text":" Ines.","timestamp":[2.5,3.1]}]}`,
			"transformers words no_speakers", []string{"|400|1400|Who has the key?", "|2500|3100|Ines."}},
		{"insanely-fast-whisper", `{"speakers":[{"speaker":"SPEAKER_00","timestamp":[0.4,2.1],"text":" Who has the key?"},{"speaker":"SPEAKER_01","timestamp":[2.5,3.1],"text":" Ines."}],"chunks":[{"timestamp":[0.4,3.1],"text":" Who has the key? Ines."}],"text":" Who has the key? Ines."}`,
			"transformers segments", []string{"SPEAKER_00|400|2100|Who has the key?", "SPEAKER_01|2500|3100|Ines."}},

		{"Amazon Transcribe, labels in its items", `{"jobName":"j","accountId":"1","status":"COMPLETED","results":{"language_code":"en-GB","transcripts":[{"transcript":"Key? Ines."}],"speaker_labels":{"channel_label":"ch_0","speakers":2,"segments":[{"start_time":"0.4","end_time":"1.4","speaker_label":"spk_0","items":[{"speaker_label":"spk_0","start_time":"0.4","end_time":"1.4"}]}]},"items":[` +
			item("0.4", "1.4", "Key", `,"speaker_label":"spk_0"`) + "," + item("", "", "?", `,"speaker_label":"spk_0"`) + "," + item("1.5", "2.1", "Ines", `,"speaker_label":"spk_1"`) + "," + item("", "", ".", "") + `]}}`,
			"amazon_transcribe words", []string{"spk_0|400|1400|Key?", "spk_1|1500|2100|Ines."}},
		{"Amazon Transcribe, channels and segments", `{"jobName":"j","results":{"language_code":"en-GB","transcripts":[{"transcript":"Key? Ines."}],"channel_labels":{"channels":[{"channel_label":"ch_0","items":[` + item("0.4", "1.4", "Key", `,"channel_label":"ch_0"`) + `]},{"channel_label":"ch_1","items":[` + item("1.0", "2.1", "Ines", `,"channel_label":"ch_1"`) + `]}],"number_of_channels":2},"items":[` +
			item("0.4", "1.4", "Key", `,"channel_label":"ch_0"`) + `],"audio_segments":[{"id":0,"transcript":"Key?","start_time":"0.4","end_time":"1.4","channel_label":"ch_0","items":[0]},{"id":1,"transcript":"Ines.","start_time":"1.0","end_time":"2.1","channel_label":"ch_1","items":[1]}]}}`,
			"amazon_transcribe segments", []string{"ch_0|400|1400|Key?", "ch_1|1000|2100|Ines."}},
		{"Amazon Transcribe, streamed", `{"Transcript":{"Results":[{"Alternatives":[{"Transcript":"Who has","Items":[]}],"EndTime":0.9,"IsPartial":true,"ResultId":"a","StartTime":0.4}]}}
			{"Transcript":{"Results":[{"Alternatives":[{"Transcript":"Who has the key?","Items":[{"Content":"Who","Speaker":"0","StartTime":0.4,"EndTime":0.6,"Type":"pronunciation"}]}],"EndTime":2.1,"IsPartial":false,"ResultId":"a","StartTime":0.4}]}}`,
			" segments", []string{"Speaker 0|400|2100|Who has the key?"}},
		{"Amazon Transcribe Call Analytics", `{"JobStatus":"COMPLETED","LanguageCode":"en-US","Transcript":[
			{"LoudnessScores":[78.6],"Content":"Who has the key?","Items":[{"Content":"Who","Confidence":"0.9","BeginOffsetMillis":400,"EndOffsetMillis":600,"Type":"pronunciation"}],"Id":"a1","BeginOffsetMillis":400,"EndOffsetMillis":2100,"Sentiment":"NEUTRAL","ParticipantRole":"CUSTOMER"},
			{"Content":"Ines.","Items":[],"Id":"a2","BeginOffsetMillis":2500,"EndOffsetMillis":3100,"ParticipantRole":"AGENT"}],"AccountId":"1","Categories":{"MatchedDetails":{}},"Channel":"VOICE","Participants":[{"ParticipantRole":"CUSTOMER"},{"ParticipantRole":"AGENT"}],"ConversationCharacteristics":{"TotalConversationDurationMillis":9000,"Interruptions":{"x":[{"BeginOffsetMillis":1,"EndOffsetMillis":2}]}}}`,
			"amazon_call_analytics segments", []string{"CUSTOMER|400|2100|Who has the key?", "AGENT|2500|3100|Ines."}},
		{"Amazon Connect Contact Lens", `{"Version":"1.1.0","Channel":"VOICE","LanguageCode":"en-US","Participants":[{"ParticipantId":"e9b3-12","ParticipantRole":"CUSTOMER"},{"ParticipantId":"f36a-67","ParticipantRole":"AGENT"}],"ConversationCharacteristics":{"ContactSummary":{"PostContactSummary":{"Content":"Somebody asked for a key."}}},"Transcript":[
			{"BeginOffsetMillis":400,"EndOffsetMillis":2100,"Content":"Who has the key?","Id":"t1","ParticipantId":"e9b3-12","Sentiment":"NEUTRAL","LoudnessScore":[77.1,80.2]},
			{"BeginOffsetMillis":2500,"EndOffsetMillis":3100,"Content":"Ines.","Id":"t2","ParticipantId":"f36a-67"}]}`,
			"amazon_contact_lens segments", []string{"CUSTOMER|400|2100|Who has the key?", "AGENT|2500|3100|Ines."}},
		{"Contact Lens, live", `{"Version":"1.0.0","EventType":"SEGMENTS","Segments":[{"Utterance":{"ParticipantId":"AGENT","ParticipantRole":"AGENT","PartialContent":"Who","BeginOffsetMillis":400,"EndOffsetMillis":600}}]}
			{"Version":"1.0.0","EventType":"SEGMENTS","Segments":[{"Transcript":{"ParticipantId":"AGENT","ParticipantRole":"AGENT","Content":"Who has the key?","BeginOffsetMillis":400,"EndOffsetMillis":2100,"Id":"a"}}]}`,
			"amazon_contact_lens segments", []string{"AGENT|400|2100|Who has the key?"}},

		{"Deepgram, utterances", `{"metadata":{"request_id":"r","duration":5.5,"channels":1,"model_info":{"m":{"name":"nova-3","version":"1"}}},"results":{"channels":[{"alternatives":[{"transcript":"Who has the key? Ines.","confidence":0.9,"words":[{"word":"who","start":0.4,"end":0.6,"speaker":0,"punctuated_word":"Who"}]}]}],
			"utterances":[{"start":0.4,"end":2.1,"confidence":0.9,"channel":0,"transcript":"Who has the key?","words":[{"word":"who","start":0.4,"end":0.6,"speaker":0,"punctuated_word":"Who"}],"speaker":0,"id":"u1"},{"start":2.5,"end":3.1,"channel":0,"transcript":"Ines.","words":[],"speaker":1,"id":"u2"}],
			"summary":{"result":"success","short":"About a key."},"topics":{"segments":[{"text":"Who has the key?","start_word":0,"end_word":3,"topics":[{"topic":"Keys"}]}]}}}`,
			"deepgram segments", []string{"Speaker 0|400|2100|Who has the key?", "Speaker 1|2500|3100|Ines."}},
		{"Deepgram, diarized words", `{"metadata":{"request_id":"r"},"results":{"channels":[{"alternatives":[{"transcript":"who has it ines","words":[
			{"word":"who","start":0.4,"end":0.6,"confidence":0.9,"speaker":0,"speaker_confidence":0.5,"punctuated_word":"Who"},{"word":"has","start":0.6,"end":0.9,"speaker":0,"punctuated_word":"has"},{"word":"it","start":0.9,"end":1.4,"speaker":0,"punctuated_word":"it?"},{"word":"ines","start":1.5,"end":2.1,"speaker":1,"punctuated_word":"Ines."}]}]}]}}`,
			"deepgram words", []string{"Speaker 0|400|1400|Who has it?", "Speaker 1|1500|2100|Ines."}},
		{"Deepgram, two channels with speaker 0 each, utterances", `{"metadata":{"channels":2},"results":{"channels":[{"alternatives":[{"transcript":"Who has the key?"}]},{"alternatives":[{"transcript":"Ines."}]}],"utterances":[{"start":0.4,"end":2.1,"channel":0,"transcript":"Who has the key?","speaker":0},{"start":2.5,"end":3.1,"channel":1,"transcript":"Ines.","speaker":0}]}}`,
			"deepgram segments", []string{"Channel 0|400|2100|Who has the key?", "Channel 1|2500|3100|Ines."}},
		{"Deepgram, two channels, two speakers on one", `{"results":{"channels":[
			{"alternatives":[{"words":[{"word":"who","start":0.4,"end":0.6,"speaker":0},{"word":"me","start":3.4,"end":3.6,"speaker":1}]}]},
			{"alternatives":[{"words":[{"word":"ines","start":1.5,"end":2.1,"speaker":0}]}]}]}}`,
			"deepgram words", []string{"Channel 0 Speaker 0|400|600|who", "Channel 1 Speaker 0|1500|2100|ines", "Channel 0 Speaker 1|3400|3600|me"}},
		{"Deepgram, live", `{"type":"Results","channel_index":[0,1],"duration":1.7,"start":0.4,"is_final":false,"channel":{"alternatives":[{"transcript":"who","confidence":0.9,"words":[{"word":"who","start":0.4,"end":0.6}]}]}}
			{"type":"Results","channel_index":[0,1],"duration":1.7,"start":0.4,"is_final":true,"speech_final":true,"channel":{"alternatives":[{"transcript":"Who has the key?","words":[{"word":"who","start":0.4,"end":0.6}]}]}}
			{"type":"Results","channel_index":[0,1],"duration":0.6,"start":2.5,"is_final":true,"channel":{"alternatives":[{"transcript":"Ines.","words":[]}]}}`,
			"deepgram segments no_speakers", []string{"|400|2100|Who has the key?", "|2500|3100|Ines."}},

		{"AssemblyAI", `{"id":"x","status":"completed","language_code":"en_us","audio_duration":5,"audio_url":"https://example.org/a","text":"Who has the key? Ines.","words":[{"text":"Who","start":400,"end":600,"confidence":0.9,"speaker":"A"},{"text":"has","start":600,"end":900,"speaker":"A"}],
			"utterances":[{"confidence":0.9,"start":400,"end":2100,"speaker":"A","text":"Who has the key?","words":[{"text":"Who","start":400,"end":600,"speaker":"A"}]},{"start":2500,"end":3100,"speaker":"B","text":"Ines.","words":[]}],
			"sentiment_analysis_results":[{"text":"Who has the key?","start":400,"end":2100,"sentiment":"NEUTRAL","speaker":"A"}],"chapters":[{"gist":"Key","headline":"A key","summary":"Somebody asks.","start":400,"end":3100}],"entities":[{"entity_type":"person_name","text":"Ines","start":2500,"end":3100}],"iab_categories_result":{"results":[{"text":"Who has the key?","timestamp":{"start":400,"end":2100}}]}}`,
			"assemblyai segments", []string{"A|400|2100|Who has the key?", "B|2500|3100|Ines."}},
		{"AssemblyAI, channels", `{"audio_channels":2,"audio_duration":5,"utterances":[{"start":400,"end":2100,"speaker":"1","channel":"1","text":"Who has the key?","words":[{"text":"Who","start":400,"end":600,"speaker":"1","channel":"1"}]},{"start":2500,"end":3100,"speaker":"2","channel":"2","text":"Ines.","words":[]}]}`,
			"assemblyai segments", []string{"Speaker 1|400|2100|Who has the key?", "Speaker 2|2500|3100|Ines."}},
		{"AssemblyAI, speakers on channels", `{"audio_duration":5,"utterances":[{"start":400,"end":2100,"speaker":"1A","channel":"1","text":"Who has the key?"},{"start":2500,"end":3100,"speaker":"2A","channel":"2","text":"Ines."}]}`,
			"assemblyai segments", []string{"1A|400|2100|Who has the key?", "2A|2500|3100|Ines."}},
		{"AssemblyAI, sentences", `{"sentences":[{"text":"Who has the key?","words":[{"text":"Who","start":400,"end":600,"speaker":"A"}],"end":2100,"start":400,"speaker":"A"},{"text":"Ines.","end":3100,"start":2500,"speaker":"B"}],"id":"x","audio_duration":5}`,
			"assemblyai segments", []string{"A|400|2100|Who has the key?", "B|2500|3100|Ines."}},

		{"ElevenLabs", `{"language_code":"en","language_probability":0.98,"text":"Who? (laughs) Ines.","words":[{"text":"Who?","start":0.4,"end":0.9,"type":"word","speaker_id":"speaker_0","logprob":-0.1,"characters":[{"text":"W","start":0.4,"end":0.5}]},{"text":" ","start":0.9,"end":1,"type":"spacing","speaker_id":"speaker_0"},
			{"text":"(laughs)","start":1,"end":2,"type":"audio_event","speaker_id":"speaker_0"},{"text":" ","start":2,"end":2.5,"type":"spacing","speaker_id":"speaker_0"},{"text":"Ines","start":2.5,"end":3,"type":"word","speaker_id":"speaker_1"},{"text":".","start":3,"end":3.1,"type":"word","speaker_id":"speaker_1"}]}`,
			"elevenlabs words lines_passed_over", []string{"speaker_0|400|900|Who?", "speaker_1|2500|3100|Ines."}},
		{"ElevenLabs, channels", `{"transcripts":[{"language_code":"en","text":"Who?","channel_index":0,"words":[{"text":"Who?","start":0.4,"end":0.9,"type":"word","speaker_id":"speaker_0","channel_index":0}]},{"language_code":"en","text":"Ines.","channel_index":1,"words":[{"text":"Ines.","start":2.5,"end":3,"type":"word","speaker_id":"speaker_1","channel_index":1}]}]}`,
			" words", []string{"speaker_0|400|900|Who?", "speaker_1|2500|3000|Ines."}},
		{"Fireflies, API", `{"data":{"transcript":{"title":"Key","duration":0.09,"speakers":[{"id":0,"name":"Ines Sol"},{"id":1,"name":"Per Lund"}],"sentences":[{"index":0,"speaker_id":1,"speaker_name":null,"raw_text":"who has the key","text":"Who has the key?","start_time":0.4,"end_time":2.1,"ai_filters":{"task":null}},{"index":1,"speaker_id":0,"speaker_name":"Ines Sol","text":"I do.","start_time":2.5,"end_time":3.1}],"summary":{"overview":"x"}}}}`,
			"fireflies segments", []string{"Per Lund|400|2100|Who has the key?", "Ines Sol|2500|3100|I do."}},
		{"Fireflies, download", `[{"sentence":"Who has the key?","startTime":"00:01","endTime":"00:03","speaker_name":"Per Lund","speaker_id":1},{"sentence":"I do.","startTime":"01:02:03","endTime":"01:02:05","speaker_name":"Ines Sol","speaker_id":0}]`,
			"fireflies segments", []string{"Per Lund|1000|3000|Who has the key?", "Ines Sol|3723000|3725000|I do."}},
		{"Recall.ai", `[{"participant":{"id":16778240,"name":"Per Lund","is_host":true,"platform":"desktop","extra_data":null,"email":null},"language_code":"en","words":[{"text":"Who has it?","start_timestamp":{"relative":0.4,"absolute":"2026-03-02T08:00:00.4Z"},"end_timestamp":{"relative":2.1,"absolute":"2026-03-02T08:00:02.1Z"}}]},
			{"participant":{"id":16778241,"name":"Ines Sol"},"words":[{"text":"I","start_timestamp":{"relative":2.5},"end_timestamp":{"relative":2.7}},{"text":"do.","start_timestamp":{"relative":2.7},"end_timestamp":{"relative":3.1}}]}]`,
			"recall segments", []string{"Per Lund|400|2100|Who has it?", "Ines Sol|2500|3100|I do."}},
		{"Recall.ai, older", `[{"speaker":"Per Lund","speaker_id":1,"language":"en","words":[{"text":"Who","start_timestamp":0.4,"end_timestamp":0.6,"confidence":null},{"text":"else?","start_timestamp":0.6,"end_timestamp":2.1}]},{"speaker":"Ines Sol","words":[{"text":"Me.","start_timestamp":2.5,"end_timestamp":3.1}]}]`,
			" segments", []string{"Per Lund|400|2100|Who else?", "Ines Sol|2500|3100|Me."}},

		{"Azure, batch", `{"source":"a.wav","timestamp":"2026-03-02T08:00:00Z","durationInTicks":51000000,"duration":"PT5.1S","combinedRecognizedPhrases":[{"channel":0,"display":"Who has the key? Ines."}],"recognizedPhrases":[
			{"recognitionStatus":"Success","channel":0,"speaker":1,"offset":"PT0.4S","duration":"PT1.7S","offsetInTicks":4000000.0,"durationInTicks":17000000.0,"nBest":[{"confidence":0.9,"lexical":"who has the key","itn":"who has the key","maskedITN":"who has the key","display":"Who has the key?","words":[{"word":"who","offset":"PT0.4S","duration":"PT0.2S","offsetInTicks":4000000.0}]},{"display":"Who had the key?"}]},
			{"recognitionStatus":"Success","channel":0,"speaker":2,"offset":"PT1M2.5S","duration":"PT0.6S","nBest":[{"display":"Ines."}]}]}`,
			"azure segments", []string{"Speaker 1|400|2100|Who has the key?", "Speaker 2|62500|63100|Ines."}},
		{"Azure, batch, two channels", `{"durationMilliseconds":5100,"combinedRecognizedPhrases":[],"recognizedPhrases":[{"channel":0,"offsetMilliseconds":2500,"durationMilliseconds":600,"nBest":[{"display":"Ines."}]},{"channel":1,"offsetMilliseconds":400,"durationMilliseconds":1700,"nBest":[{"display":"Who has the key?"}]}]}`,
			"azure segments", []string{"Channel 0|2500|3100|Ines.", "Channel 1|400|2100|Who has the key?"}},
		{"Azure, fast", `{"durationMilliseconds":5100,"combinedPhrases":[{"text":"Who has the key? Ines."}],"phrases":[{"speaker":1,"offsetMilliseconds":400,"durationMilliseconds":1700,"text":"Who has the key?","words":[{"text":"Who","offsetMilliseconds":400,"durationMilliseconds":200}],"locale":"en-US","confidence":0.9},{"speaker":2,"offsetMilliseconds":2500,"durationMilliseconds":600,"text":"Ines.","locale":"en-US"}]}`,
			"azure segments", []string{"Speaker 1|400|2100|Who has the key?", "Speaker 2|2500|3100|Ines."}},
		{"Azure, SDK", `{"Id":"a","RecognitionStatus":"Success","DisplayText":"Who has the key?","Offset":4000000,"Duration":17000000,"Channel":0,"NBest":[{"Confidence":0.9,"Lexical":"who has the key","Display":"Who has the key?","Words":[{"Word":"who","Offset":4000000,"Duration":2000000}]}]}
			{"Id":"b","RecognitionStatus":"Success","DisplayText":"Ines.","Offset":25000000,"Duration":6000000,"Channel":0}`,
			"azure segments no_speakers", []string{"|400|2100|Who has the key?", "|2500|3100|Ines."}},
		{"Google v1", `{"results":[{"alternatives":[{"transcript":"Who has the key?","confidence":0.9,"words":[{"startTime":"0.400s","endTime":"0.600s","word":"Who"}]}],"resultEndTime":"2.100s","languageCode":"en-us"},{"alternatives":[{"transcript":" Ines.","words":[{"startTime":"2.500s","endTime":"3.100s","word":"Ines."}]}],"resultEndTime":"3.100s"}]}`,
			"google segments no_speakers", []string{"|400|2100|Who has the key?", "|2500|3100|Ines."}},
		{"Google v1, all words once more", `{"results":[{"alternatives":[{"transcript":"Who has?","words":[{"startTime":"0.400s","endTime":"0.600s","word":"Who"},{"startTime":"0.600s","endTime":"0.900s","word":"has?"}]}],"resultEndTime":"2.100s"},{"alternatives":[{"words":[{"startTime":"0.400s","endTime":"0.600s","word":"Who","speakerTag":1},{"startTime":"0.600s","endTime":"0.900s","word":"has?","speakerTag":1},{"startTime":"2.500s","endTime":"3.100s","word":"Ines.","speakerTag":2}]}]}]}`,
			"google words", []string{"Speaker 1|400|900|Who has?", "Speaker 2|2500|3100|Ines."}},
		{"Google v1, only ends", `{"results":[{"alternatives":[{"transcript":"Who has the key?"}],"resultEndTime":"2.100s"},{"alternatives":[{"transcript":" Ines."}],"resultEndTime":"3.100s"}]}`,
			"google segments times_repaired no_speakers", []string{"|0|2100|Who has the key?", "|2100|3100|Ines."}},
		{"Google v2", `{"results":{"gs://b/a.wav":{"transcript":{"results":[{"alternatives":[{"transcript":"Who has the key? Ines.","words":[{"startOffset":"0.400s","endOffset":"0.600s","word":"Who","speakerLabel":"1"},{"startOffset":"1.200s","endOffset":"2.100s","word":"has the key?","speakerLabel":"1"},{"startOffset":"2.500s","endOffset":"3.100s","word":"Ines.","speakerLabel":"2"}]}],"resultEndOffset":"3.200s","languageCode":"en-us"}]},"metadata":{"totalBilledDuration":"4s"}}}}`,
			"google segments", []string{"Speaker 1|400|2100|Who has the key?", "Speaker 2|2500|3200|Ines."}},
		{"Google, channels", `{"results":[{"alternatives":[{"transcript":"Who has the key?"}],"channelTag":1,"resultEndTime":"2.1s"},{"alternatives":[{"transcript":"Ines."}],"channelTag":2,"resultEndTime":"3.1s"}]}`,
			"google segments times_repaired", []string{"Channel 1|0|2100|Who has the key?", "Channel 2|0|3100|Ines."}},

		{"Speechmatics", `{"format":"2.9","job":{"id":"x","duration":5},"metadata":{"transcription_config":{"language":"en","diarization":"speaker"}},"results":[{"type":"word","start_time":0.4,"end_time":0.6,"alternatives":[{"content":"Who","confidence":0.9,"language":"en","speaker":"S1"}]},{"type":"punctuation","attaches_to":"previous","is_eos":true,"start_time":0.6,"end_time":0.6,"alternatives":[{"content":"?","speaker":"S1"}]},
			{"type":"word","start_time":2.5,"end_time":3.1,"alternatives":[{"content":"Ines","speaker":"S2"}]},{"type":"punctuation","attaches_to":"previous","start_time":3.1,"end_time":3.1,"alternatives":[{"content":".","speaker":"S2"}]}],"translations":{"de":[{"start_time":0.4,"end_time":0.6,"content":"Wer?","speaker":"S1"}]},"summary":{"content":"A key."}}`,
			"speechmatics words", []string{"S1|400|600|Who?", "S2|2500|3100|Ines."}},
		{"Rev.ai", `{"monologues":[{"speaker":0,"elements":[{"type":"text","value":"Who","ts":0.4,"end_ts":0.6,"confidence":0.9},{"type":"punct","value":" "},{"type":"text","value":"else","ts":0.7,"end_ts":1.1},{"type":"punct","value":"?"}]},{"speaker":1,"elements":[{"type":"text","value":"Ines","ts":2.5,"end_ts":3.1},{"type":"punct","value":"."}]}]}`,
			"rev segments", []string{"Speaker 0|400|1100|Who else?", "Speaker 1|2500|3100|Ines."}},
		{"Rev, with names", `{"speakers":[{"id":0,"name":"Per Lund"},{"id":1,"name":"Ines Sol"}],"monologues":[{"speaker":0,"speaker_info":null,"elements":[{"type":"text","value":"Who?","timestamp":"00:00:00,400","end_timestamp":"00:00:00,600"}]},{"speaker":1,"elements":[{"type":"text","value":"Me.","timestamp":"00:00:02,500","end_timestamp":"00:00:03,100"}]}]}`,
			"rev segments", []string{"Per Lund|400|600|Who?", "Ines Sol|2500|3100|Me."}},
		{"Gladia", `{"id":"x","status":"done","file":{"audio_duration":5.1},"result":{"metadata":{"audio_duration":5.1,"number_of_distinct_channels":1,"billing_time":5.1},"transcription":{"languages":["en"],"full_transcript":"Who has the key? Ines.","utterances":[{"language":"en","start":0.4,"end":2.1,"confidence":0.9,"channel":0,"speaker":0,"words":[{"word":" Who","start":0.4,"end":0.6,"confidence":1}],"text":"Who has the key?"},{"language":"en","start":2.5,"end":3.1,"channel":0,"speaker":1,"words":[],"text":"Ines."}],"sentences":[{"text":"Who has the key? Ines.","start":0.4,"end":3.1,"speaker":0}]},"translation":{"results":[{"languages":["fr"],"full_transcript":"Qui a la clé ?","utterances":[{"text":"Qui a la clé ?","start":0.4,"end":2.1,"speaker":0,"channel":0}]}]}}}`,
			"gladia segments", []string{"Speaker 0|400|2100|Who has the key?", "Speaker 1|2500|3100|Ines."}},
		{"Soniox", `{"id":"x","text":"Who knows? Ines.","tokens":[{"text":"Wh","start_ms":400,"end_ms":500,"confidence":0.9,"speaker":"1","language":"en"},{"text":"o","start_ms":500,"end_ms":600,"speaker":"1"},{"text":" kno","start_ms":700,"end_ms":900,"speaker":"1"},{"text":"ws","start_ms":900,"end_ms":1100,"speaker":"1"},{"text":"?","start_ms":1100,"end_ms":1200,"speaker":"1"},{"text":" Qui ?","speaker":"1","translation_status":"translation","source_language":"en"},{"text":" In","start_ms":2500,"end_ms":2700,"speaker":"2"},{"text":"es.","start_ms":2700,"end_ms":3100,"speaker":"2"},{"text":"<end>","speaker":"2"}]}`,
			"soniox words", []string{"Speaker 1|400|1200|Who knows?", "Speaker 2|2500|3100|Ines."}},
		{"Vosk, on lines", "{\n \"result\" : [{\"conf\":1.0,\"end\":0.6,\"start\":0.4,\"word\":\"who\"},{\"conf\":1.0,\"end\":1.1,\"start\":0.7,\"word\":\"else\"}],\n \"text\" : \"who else\"\n}\n{ \"partial\" : \"\" }\n{\"result\":[{\"conf\":0.9,\"start\":2.5,\"end\":3.1,\"word\":\"ines\"}],\"text\":\"ines\"}",
			"vosk words no_speakers", []string{"|400|1100|who else", "|2500|3100|ines"}},
		{"Watson", `{"result_index":0,"results":[{"final":true,"alternatives":[{"transcript":"who else ","confidence":0.9,"timestamps":[["who",0.4,0.6],["else",0.7,1.1]]}]},{"final":true,"alternatives":[{"transcript":"ines ","timestamps":[["ines",2.5,3.1]]}]}],"speaker_labels":[{"from":0.4,"to":0.6,"speaker":0,"confidence":0.5,"final":true},{"from":0.7,"to":1.1,"speaker":0,"final":true},{"from":2.5,"to":3.1,"speaker":1,"final":true}]}`,
			"watson segments", []string{"Speaker 0|400|1100|who else", "Speaker 1|2500|3100|ines"}},
		{"Riva", `{"results":[{"alternatives":[{"transcript":"Who else?","confidence":0.9,"words":[{"startTime":400,"endTime":600,"word":"Who","speakerTag":0},{"startTime":700,"endTime":1100,"word":"else?","speakerTag":0}]}],"audioProcessed":1.1}]}`,
			"google segments", []string{"Speaker 0|400|1100|Who else?"}},
		{"Vexa", `{"id":7,"platform":"zoom","native_meeting_id":"95","segments":[{"start":0.4,"end":2.1,"text":"Who has the key?","language":"en","created_at":"2026-03-02T08:00:00Z","speaker":"Per Lund","absolute_start_time":"2026-03-02T08:00:00.4Z","absolute_end_time":"2026-03-02T08:00:02.1Z"},{"start":2.5,"end":3.1,"text":"Ines.","speaker":null}]}`,
			"vexa segments turns_without_speaker", []string{"Per Lund|400|2100|Who has the key?", "|2500|3100|Ines."}},
		{"Read.ai", `{"session_id":"01","trigger":"meeting_end","title":"Key","start_time":"2026-03-02T08:00:00Z","summary":"Somebody asks.","action_items":[{"text":"Ask Ines."}],"transcript":{"speaker_blocks":[{"start_time":"1772438400400","end_time":"1772438402100","speaker":{"name":"Per Lund"},"words":"Who has the key?"},{"start_time":"1772438402500","end_time":"1772438403100","speaker":{"name":"Ines Sol"},"words":"I do."}],"speakers":[{"name":"Per Lund"},{"name":"Ines Sol"}]}}`,
			"read segments times_of_day", []string{"Per Lund|0|1700|Who has the key?", "Ines Sol|2100|2700|I do."}},
		{"Otter", `{"status":"OK","speech":{"otid":"x","title":"Key","duration":5,"speakers":[{"id":11,"speaker_name":"Per Lund"},{"id":12,"speaker_name":"Ines Sol"}],"speech_outline":[{"text":"About a key","start_offset":6400,"end_offset":49600,"segments":[{"text":"Per asks.","start_offset":6400,"end_offset":33600}]}],"transcripts":[{"id":1,"start_offset":6400,"end_offset":33600,"speaker_id":11,"transcript":"Who has the key?","alignment":[{"word":"Who","start":0.4,"end":0.6}]},{"id":2,"start_offset":40000,"end_offset":49600,"speaker_id":12,"transcript":"I do."}]}}`,
			"otter segments", []string{"Per Lund|400|2100|Who has the key?", "Ines Sol|2500|3100|I do."}},
		{"Gong", `{"requestId":"r","records":{"totalRecords":1},"callTranscripts":[{"callId":"7","transcript":[{"speakerId":"6432345","topic":"Key","sentences":[{"start":400,"end":1400,"text":"Hello."},{"start":1500,"end":2100,"text":"Who has the key?"}]},{"speakerId":"6432346","topic":null,"sentences":[{"start":2500,"end":3100,"text":"I do."}]}]}],"parties":[{"id":"p1","name":"Per Lund","speakerId":"6432345"},{"id":"p2","name":"Ines Sol","speakerId":"6432346"}]}`,
			"gong segments", []string{"Per Lund|400|2100|Hello. Who has the key?", "Ines Sol|2500|3100|I do."}},
		{"Parakeet", `{"text":"Who has the key? Ines.","sentences":[{"text":"Who has the key?","start":0.4,"end":2.1,"duration":1.7,"confidence":0.9,"tokens":[{"id":1,"text":" Who","start":0.4,"end":0.6,"duration":0.2}]},{"text":"Ines.","start":2.5,"end":3.1,"tokens":[]}]}`,
			"parakeet segments no_speakers", []string{"|400|2100|Who has the key?", "|2500|3100|Ines."}},
		{"NeMo", `{"text":"Who else? Ines.","timestamp":{"word":[{"word":"Who","start_offset":5,"end_offset":7,"start":0.4,"end":0.6},{"word":"else?","start_offset":8,"end_offset":12,"start":0.7,"end":1.1}],"segment":[{"segment":"Who else?","start_offset":5,"end_offset":12,"start":0.4,"end":1.1},{"segment":"Ines.","start_offset":31,"end_offset":38,"start":2.5,"end":3.1}]}}`,
			" segments no_speakers", []string{"|400|1100|Who else?", "|2500|3100|Ines."}},
		{"NeMo, a manifest", "{\"audio_filepath\": \"a.wav\", \"offset\": 0.4, \"duration\": 1.7, \"text\": \"who has the key\", \"speaker\": \"per\"}\n{\"audio_filepath\": \"a.wav\", \"offset\": 2.5, \"duration\": 0.6, \"text\": \"ines\", \"speaker\": \"sol\"}\n",
			" segments", []string{"per|400|2100|who has the key", "sol|2500|3100|ines"}},
		{"Podcasting 2.0, who holds the word until the next", `{"version":"1.0.0","segments":[{"speaker":"Per Lund","startTime":0.4,"endTime":2.1,"body":"Who has the key?"},{"startTime":2.2,"endTime":2.4,"body":"Anybody?"},{"speaker":"Ines Sol","startTime":2.5,"endTime":3.1,"body":"I do."}]}`,
			"podcasting20 segments", []string{"Per Lund|400|2100|Who has the key?", "Per Lund|2200|2400|Anybody?", "Ines Sol|2500|3100|I do."}},
		{"YouTube, json3", `{"wireMagic":"pb3","pens":[{}],"wsWinStyles":[{}],"events":[{"tStartMs":0,"dDurationMs":5000,"id":1,"wpWinPosId":1,"wsWinStyleId":1},{"tStartMs":400,"dDurationMs":1700,"wWinId":1,"segs":[{"utf8":"who","acAsrConf":0},{"utf8":" has","tOffsetMs":200},{"utf8":" it","tOffsetMs":500}]},{"tStartMs":2090,"dDurationMs":10,"wWinId":1,"aAppend":1,"segs":[{"utf8":"\n"}]},{"tStartMs":2500,"dDurationMs":600,"segs":[{"utf8":"ines &\n"},{"utf8":"per"}]}]}`,
			"youtube segments no_speakers", []string{"|400|2100|who has it", "|2500|3100|ines & per"}},
		{"youtube-transcript-api", `[{"text":"who hasn&#39;t a key &amp; why","start":0.4,"duration":1.7},{"text":"ines","start":2.5,"duration":0.6}]`,
			" segments no_speakers", []string{"|400|2100|who hasn't a key & why", "|2500|3100|ines"}},
		{"youtube-transcript-api, with its video", `{"video_id":"x","language":"English","language_code":"en","is_generated":false,"snippets":[{"text":"R&amp;D?","start":0.4,"duration":1.7},{"text":"ines","start":2.5,"duration":0.6}]}`,
			"youtube segments no_speakers", []string{"|400|2100|R&D?", "|2500|3100|ines"}},
		{"Slack", `[{"type":"message","subtype":"channel_join","user":"U07","text":"<@U07> has joined the channel","ts":"1772438400.000100","user_profile":{"real_name":"Ines Sol","display_name":"ines","name":"isol"}},
			{"client_msg_id":"a","type":"message","user":"U08","text":"Who has it, <@U07>? See <https://example.org/k|the list> &amp; <#C1|keys> &lt;3","ts":"1772438410.000200","user_profile":{"real_name":"Per Lund"},"blocks":[{"type":"rich_text","elements":[{"type":"text","text":"Who has it?"}]}],"reactions":[{"name":"eyes","users":["U07"],"count":1}],"edited":{"user":"U08","ts":"1772438411.000000"}},
			{"type":"message","user":"U07","text":"I do.","ts":"1772438414.500000","thread_ts":"1772438410.000200"},{"type":"message","subtype":"bot_message","username":"Deploys","text":"Done.","ts":"1772438420.000000"}]`,
			"slack messages times_of_day lines_passed_over", []string{"Per Lund|0||Who has it, @Ines Sol? See the list & #keys <3", "Ines Sol|4500||I do.", "Deploys|10000||Done."}},
		{"Slack, newest first, with users", `{"ok":true,"messages":[{"type":"message","user":"U07","text":"I do.","ts":"1772438414.500000"},{"type":"message","user":"U08","text":"Who has it?","ts":"1772438410.000200"}],"users":[{"id":"U07","name":"isol","profile":{"real_name":"Ines Sol"}},{"id":"U08","name":"plund","real_name":"Per Lund"}]}`,
			" messages times_of_day", []string{"Per Lund|0||Who has it?", "Ines Sol|4500||I do."}},
		{"Telegram", `{"name":"Keys","type":"private_group","id":3,"messages":[{"id":1,"type":"service","date":"2026-03-02T08:00:00","date_unixtime":"1772438400","actor":"Per Lund","action":"create_group","title":"Keys","text":""},{"id":2,"type":"message","date":"2026-03-02T08:00:10","date_unixtime":"1772438410","from":"Per Lund","from_id":"user8","text":["Who has ",{"type":"bold","text":"it"},"? See ",{"type":"text_link","text":"this","href":"https://example.org"}],"text_entities":[{"type":"plain","text":"Who has "}]},{"id":3,"type":"message","date":"2026-03-02T08:00:14","date_unixtime":"1772438414","from":null,"from_id":"user7","text":"I do."}]}`,
			"telegram messages times_of_day lines_passed_over", []string{"Per Lund|0||Who has it? See this", "user7|4000||I do."}},
		{"Discord", `{"guild":{"id":"1","name":"G"},"channel":{"id":"2","type":"GuildTextChat","name":"keys"},"messages":[{"id":"3","type":"Default","timestamp":"2026-03-02T08:00:10.5+00:00","content":"Who has it?","author":{"id":"8","name":"plund","nickname":"Per Lund","isBot":false},"attachments":[],"mentions":[]},{"id":"4","type":"Reply","timestamp":"2026-03-02T08:00:14.5+00:00","content":"I do.","author":{"id":"7","name":"isol","nickname":"Ines Sol"}}]}`,
			" messages times_of_day", []string{"Per Lund|0||Who has it?", "Ines Sol|4000||I do."}},
		{"messages of a model", `{"model":"m","messages":[{"role":"user","content":"Who has it?"},{"role":"assistant","content":[{"type":"text","text":"Ines does."}]}]}`,
			" messages no_times", []string{"user|||Who has it?", "assistant|||Ines does."}},
		{"Teams", `{"$schema":"http://stream.office.com/schemas/transcript.json","version":"1.0.0","type":"Transcript","entries":[{"id":"a","text":"Who has the key?","speakerId":"x@y","speakerDisplayName":"Per Lund","confidence":0.9,"startOffset":"00:00:00.4000000","endOffset":"00:00:02.1000000","hasBeenEdited":false,"roomId":null},{"text":"I do.","speakerDisplayName":"Ines Sol","startOffset":"00:00:02.5000000","endOffset":"00:00:03.1000000"}],"events":[{"eventType":"CallStarted","startOffset":"00:00:00"}]}`,
			"teams segments", []string{"Per Lund|400|2100|Who has the key?", "Ines Sol|2500|3100|I do."}},
		{"Google Meet", `{"transcriptEntries":[{"name":"conferenceRecords/1/transcripts/1/entries/1","participant":"conferenceRecords/1/participants/108","text":"Who has the key?","languageCode":"en-US","startTime":"2026-03-02T08:00:00.4Z","endTime":"2026-03-02T08:00:02.1Z"},{"participant":"conferenceRecords/1/participants/109","text":"I do.","startTime":"2026-03-02T08:00:02.5Z","endTime":"2026-03-02T08:00:03.1Z"}],"participants":[{"name":"conferenceRecords/1/participants/109","signedinUser":{"user":"users/5","displayName":"Ines Sol"}}]}`,
			"google_meet segments times_of_day", []string{"Participant 108|0|1700|Who has the key?", "Ines Sol|2100|2700|I do."}},
		{"Happy Scribe", `[{"speaker":"Per Lund","speaker_number":null,"words":[{"text":"Who","type":"text","data_start":0.4,"data_end":0.6,"confidence":1},{"text":" ","type":"space"},{"text":"else?","type":"text","data_start":0.7,"data_end":1.1}]},{"speaker":"Ines Sol","words":[{"text":"Me.","data_start":2.5,"data_end":3.1}]}]`,
			"happyscribe segments", []string{"Per Lund|400|1100|Who else?", "Ines Sol|2500|3100|Me."}},
		{"words beside spans", `{"words":[{"text":"Who","start":0.4,"end":0.6},{"text":"else?","start":0.7,"end":1.1},{"text":"Me.","start":2.5,"end":3.1},{"text":"You?","start":3.2,"end":3.9}],"paragraphs":[{"speaker":"Per Lund","start":0.4,"end":1.1},{"speaker":"Ines Sol","start":2.5,"end":3.9}]}`,
			" words", []string{"Per Lund|400|1100|Who else?", "Ines Sol|2500|3900|Me. You?"}},
		{"oTranscribe", `{"text":"<p>Key talk<br></p><p><span class=\"timestamp\" contenteditable=\"false\" data-timestamp=\"0.4\">00:00</span>&nbsp;<b>Per Lund:</b> Who has the <i>key</i> &amp; why?</p><p><span class=\"timestamp\" data-timestamp=\"62.525\">01:02</span> <b>Ines Sol:</b> I do.<br />Here.</p>","media":"a.mp3","media-source":"","media-time":64.2}`,
			"otranscribe name_colon lines_passed_over", []string{"Per Lund|400||Who has the key & why?", "Ines Sol|62525||I do. Here."}},
		{"numbered segments", `{"0":{"start":0.4,"end":2.1,"speaker":"Per Lund","text":"Who has the key?"},"1":{"start":2.5,"end":3.1,"speaker":"Ines Sol","text":"I do."}}`,
			" segments", []string{"Per Lund|400|2100|Who has the key?", "Ines Sol|2500|3100|I do."}},
		{"names by numbers from 1", `{"speakers":["Per Lund","Ines Sol"],"segments":[{"start":0.4,"end":2.1,"speaker":1,"text":"Who has the key?"},{"start":2.5,"end":3.1,"speaker":2,"text":"I do."}]}`,
			" segments", []string{"Per Lund|400|2100|Who has the key?", "Ines Sol|2500|3100|I do."}},
		{"names by labels", `{"speaker_map":{"SPEAKER_00":"Per Lund","SPEAKER_01":{"name":"Ines Sol"}},"segments":[{"start":400,"end":2100,"speaker":"SPEAKER_00","text":"Who has the key?"},{"start":2500,"end":3100,"speaker":"SPEAKER_01","text":"I do."}]}`,
			" segments", []string{"Per Lund|400|2100|Who has the key?", "Ines Sol|2500|3100|I do."}},
		{"times of day", `[{"name":"Per Lund","message":"Who has the key?","time":"9:59:50 AM"},{"name":"Ines Sol","message":"I do.","time":"10:00:00 AM"}]`,
			" segments times_of_day", []string{"Per Lund|0||Who has the key?", "Ines Sol|10000||I do."}},
		{"times that are none", `{"duration":"00:00:05","segments":[{"start":"soon","end":2.1,"speaker":"Per Lund","text":"Who has the key?"},{"start":2.5,"end":1.1,"speaker":"Ines Sol","text":"I do."}]}`,
			" segments times_repaired", []string{"Per Lund||2100|Who has the key?", "Ines Sol|2500||I do."}},
		{"names in a text", `{"title":"Key","transcript":"Per: Who has the key?\nInes: I do.\nPer: Since when?\nInes: May."}`,
			" name_colon no_times", []string{"Per|||Who has the key?", "Ines|||I do.", "Per|||Since when?", "Ines|||May."}},
		{"griot", `{"session_id":"ses_1","artifact_uri":"mnemos://artifact/art_1","status":"completed","complete":true,"language":"sv","duration_seconds":9,"last_seq":2,"reading":{"format":"vtt","layout":"voice","engine":null,"speakers":["Per Lund"],"warnings":[]},"segments":[{"seq":1,"speaker":"Per Lund","role":"host","start_ms":400,"end_ms":2100,"text":"Vem har nyckeln?","range":[0,15]},{"seq":2,"speaker":null,"role":null,"start_ms":null,"end_ms":null,"text":"Ines.","range":[17,21]}],"text":"Vem har nyckeln?\nInes."}`,
			"griot segments turns_without_speaker", []string{"Per Lund|400|2100|Vem har nyckeln?", "|||Ines."}},
	} {
		t.Run(r.name, func(t *testing.T) {
			p, err := Parse(strings.NewReader(r.in), MaxText, transcript.Hint{})
			if err != nil {
				t.Fatal(err)
			}
			reading := ""
			if p.Reading.Engine != nil {
				reading = *p.Reading.Engine
			}
			reading += " " + p.Reading.Layout
			for _, w := range p.Reading.Warnings {
				reading += " " + w.Code
			}
			if diff := cmp.Diff(r.want, short(p.Turns)); diff != "" {
				t.Error(diff)
			}
			if reading != r.reading {
				t.Errorf("read as %q, want %q", reading, r.reading)
			}
			checkTurns(t, p.Turns)
		})
	}
}
