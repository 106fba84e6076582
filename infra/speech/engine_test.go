package speech

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// engine looks for the speech engine in a variable that infra/engines/engines
// sets.
func engine(t *testing.T) string {
	t.Helper()
	const variable = "GRIOT_TEST_SPEECH"
	url := os.Getenv(variable)
	if url == "" {
		t.Skip(variable + ` is not set: infra/engines/engines speech, then eval "$(infra/engines/engines env)"`)
	}
	return url
}

func speak(t *testing.T, turns []Turn, stereo bool) ([]byte, []Turn) {
	t.Helper()
	wav, spoken, err := Speak(t.Context(), turns, stereo)
	if errors.Is(err, ErrNoVoice) && os.Getenv("GRIOT_TEST_SPEECH") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return wav, spoken
}

// post sends a form with a file and returns the status and the answer.
func post(t *testing.T, url string, file []byte, fields ...string) (int, []byte) {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i < len(fields); i += 2 {
		if err := form.WriteField(fields[i], fields[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if file != nil {
		part, err := form.CreateFormFile("file", "call")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(file); err != nil {
			t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	res, err := http.Post(url+"/v1/audio/transcriptions", form.FormDataContentType(), &body)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, answer
}

type verbose struct {
	Text     string
	Language string
	Duration float64
	Media    struct {
		Format     string
		SampleRate int `json:"sample_rate"`
		Channels   int
	}
	Segments []struct {
		Start, End   float64
		Text         string
		Speaker      string
		NoSpeechProb *float64 `json:"no_speech_prob"`
		AvgLogprob   *float64 `json:"avg_logprob"`
	}
	Words []struct {
		Word       string
		Start, End float64
	}
}

func hear(t *testing.T, url string, file []byte, fields ...string) verbose {
	t.Helper()
	status, answer := post(t, url, file, append([]string{"model", "tiny.en"}, fields...)...)
	if status != http.StatusOK {
		t.Fatalf("%d: %s", status, answer)
	}
	var v verbose
	if err := json.Unmarshal(answer, &v); err != nil {
		t.Fatalf("%v: %s", err, answer)
	}
	return v
}

var everything = []string{
	"response_format", "verbose_json", "timestamp_granularities[]", "segment", "timestamp_granularities[]", "word",
}

// understood fails for what is no transcript of said. How good it is differs
// from one version of the voices to the next: that is printed.
func understood(t *testing.T, what, said, heard string) {
	t.Helper()
	wer := WER(said, heard)
	t.Logf("%s: word error rate %.3f", what, wer)
	if wer > 0.5 {
		t.Errorf("%s was heard as %q", what, heard)
	}
}

func TestInterviewIsHeard(t *testing.T) {
	url := engine(t)
	wav, turns := speak(t, Interview(), false)
	v := hear(t, url, wav, everything...)
	understood(t, "interview", Text(turns, ""), v.Text)
	end := turns[len(turns)-1].End.Seconds()
	if v.Language != "english" || v.Duration < end || v.Duration > end+1 {
		t.Errorf("language %q, duration %v, want english, %v and the pause after it", v.Language, v.Duration, end)
	}
	if v.Media.Format != "wav" || v.Media.Channels != 1 || v.Media.SampleRate != sampleRate {
		t.Errorf("media %+v", v.Media)
	}
	for i, s := range v.Segments {
		if s.Start > s.End || i > 0 && s.Start < v.Segments[i-1].Start || s.NoSpeechProb == nil || s.AvgLogprob == nil {
			t.Errorf("segment %d: %+v", i, s)
		}
	}
	// A word that is said once is where it was said.
	for _, turn := range turns {
		for _, w := range v.Words {
			word := strings.Trim(strings.ToLower(w.Word), ".,?!")
			if len(word) < 6 || strings.Count(strings.ToLower(Text(turns, "")), word) != 1 || !slices.Contains(words(turn.Text), word) {
				continue
			}
			if at := time.Duration(w.Start * float64(time.Second)); at < turn.Start-2*time.Second || at > turn.End+2*time.Second {
				t.Errorf("%q was heard at %v; it was said from %v to %v", word, at, turn.Start, turn.End)
			}
		}
	}
}

func TestClipIsHeard(t *testing.T) {
	v := hear(t, engine(t), Clip, everything...)
	understood(t, "clip", ClipText, v.Text)
	if v.Media.Format != "mp3" {
		t.Errorf("media %+v", v.Media)
	}
}

func TestSidesAreHeard(t *testing.T) {
	url := engine(t)
	wav, turns := speak(t, Interview()[:4], true)
	for side, speaker := range []string{"Ruth", "Omar"} {
		v := hear(t, url, wav, "response_format", "verbose_json", "channel", []string{"0", "1"}[side])
		understood(t, speaker, Text(turns, speaker), v.Text)
	}
}

func TestSpeakersAreTold(t *testing.T) {
	url := engine(t)
	res, err := http.Get(url + "/health")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var health struct{ Speakers bool }
	if err := json.NewDecoder(res.Body).Decode(&health); err != nil {
		t.Fatal(err)
	}
	if !health.Speakers {
		t.Skip("the engine runs without -speakers")
	}
	wav, turns := speak(t, Interview()[:4], false)
	v := hear(t, url, wav, "response_format", "diarized_json", "chunking_strategy", "auto")
	understood(t, "interview", Text(turns, ""), v.Text)
	for _, s := range v.Segments { // printed: voices that were made are no test of who speaks
		t.Logf("%6.2f %6.2f %s: %s", s.Start, s.End, s.Speaker, s.Text)
		if s.Speaker == "" {
			t.Errorf("nobody says %q", s.Text)
		}
	}
}

func TestEngineRefuses(t *testing.T) {
	url := engine(t)
	for _, test := range []struct {
		name        string
		file        []byte
		fields      []string
		status      int
		param, code string
	}{
		{"no file", nil, []string{"model", "tiny.en"}, 400, "file", ""},
		{"no model", Clip, nil, 400, "model", ""},
		{"another model", Clip, []string{"model", "large"}, 404, "model", "model_not_found"},
		{"another language", Clip, []string{"model", "tiny.en", "language", "de"}, 400, "language", "unsupported_language"},
		{"a region", Clip, []string{"model", "tiny.en", "language", "en-GB"}, 400, "language", "unsupported_language"},
		{"another format", Clip, []string{"model", "tiny.en", "response_format", "docx"}, 400, "response_format", "invalid_value"},
		{"words without verbose_json", Clip, []string{"model", "tiny.en", "timestamp_granularities[]", "word"}, 400, "timestamp_granularities", "invalid_value"},
		{"too hot", Clip, []string{"model", "tiny.en", "temperature", "nan"}, 400, "temperature", "invalid_value"},
		{"a text", []byte("Ruth: Thanks for making time."), []string{"model", "tiny.en"}, 400, "file", "invalid_value"},
		{"nothing", []byte{}, []string{"model", "tiny.en"}, 400, "file", "invalid_value"},
		{"a blink", wav(silence(50*time.Millisecond, 1), 1), []string{"model", "tiny.en"}, 400, "file", "audio_too_short"},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, answer := post(t, url, test.file, test.fields...)
			var refusal struct {
				Error struct{ Message, Type, Param, Code string }
			}
			if err := json.Unmarshal(answer, &refusal); err != nil {
				t.Fatalf("%v: %s", err, answer)
			}
			e := refusal.Error
			if status != test.status || e.Param != test.param || e.Code != test.code || e.Message == "" || e.Type != "invalid_request_error" {
				t.Errorf("%d %+v", status, e)
			}
		})
	}
}

func TestSilenceHasNoWords(t *testing.T) {
	v := hear(t, engine(t), wav(silence(12*time.Second, 1), 1), everything...)
	if v.Text != "" || len(v.Segments) > 0 || len(v.Words) > 0 {
		t.Errorf("%+v", v)
	}
}

func TestSpokenTurns(t *testing.T) {
	wav, turns := speak(t, Interview()[:3], true)
	for i, turn := range turns {
		side := i % 2
		loud := [2]bool{}
		frames := wav[44:]
		for at := int(turn.Start.Seconds()*sampleRate) * 4; at < int(turn.End.Seconds()*sampleRate)*4; at += 4 {
			loud[0] = loud[0] || frames[at+1]|frames[at] != 0
			loud[1] = loud[1] || frames[at+3]|frames[at+2] != 0
		}
		if !loud[side] || loud[1-side] {
			t.Errorf("turn %d of %s is on sides %v", i, turn.Speaker, loud)
		}
		if i > 0 && turn.Start <= turns[i-1].End {
			t.Errorf("turn %d begins at %v, before %v", i, turn.Start, turns[i-1].End)
		}
	}
}
