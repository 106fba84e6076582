package worker_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"griot/internal/queue"
	"griot/internal/session"
	"griot/internal/transcriber/openai"
	"griot/internal/transcript"
	"griot/internal/worker"
)

// beat is how long a word takes in a sound of 8-bit samples, 8 kHz: it is said
// for 400 ms, by samples that are its number, and followed by silence.
const beat = 4000 // samples

// spoken is a recording of numbered words; -1 is none.
func spoken(words []int) string {
	sound := bytes.Repeat([]byte{0x80}, beat*len(words))
	for i, n := range words {
		for j := range beat * 4 / 5 {
			if n >= 0 {
				sound[i*beat+j] = byte(0x81 + n)
			}
		}
	}
	le := binary.LittleEndian
	b := le.AppendUint32([]byte("RIFF"), uint32(36+len(sound)))
	b = append(b, "WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00"...)
	b = le.AppendUint32(le.AppendUint32(b, 8000), 8000)
	b = le.AppendUint32(append(b, "\x01\x00\x08\x00data"...), uint32(len(sound)))
	return string(append(b, sound...))
}

// name is how a word is written; one that is not heard whole is another.
func name(n, samples int) string {
	if samples < beat/2 {
		return "um"
	}
	return string([]byte{"bdfgklmnprst"[n%12], "aeiou"[n/12%5], "xyz"[n/60%3], 'o'})
}

// segment is something that the engine has heard.
type segment struct {
	Start   float64 `json:"start"`
	End     float64 `json:"end"`
	Text    string  `json:"text"`
	Speaker string  `json:"speaker,omitempty"`
}

// listen writes a recording down as Whisper does: in sentences of its own.
func listen(file string) map[string]any {
	segments, text := []segment{}, ""
	var now segment
	count := 0
	for sound := file[44:]; sound != ""; {
		rest := sound
		for rest != "" && rest[0] == sound[0] {
			rest = rest[1:]
		}
		n, at := len(sound)-len(rest), float64(len(file)-44-len(sound))/8000
		long := sound[0] == 0x80 && n > beat
		if sound[0] != 0x80 {
			if count++; now.Text == "" {
				now.Start = at
			}
			now.Text += " " + name(int(sound[0]-0x81), n)
			now.End = at + float64(n)/8000
		}
		if sound = rest; now.Text != "" && (count%7 == 0 || long || rest == "") {
			now.Text += "."
			segments, text, now = append(segments, now), text+now.Text, segment{}
		}
	}
	return map[string]any{"language": "english", "duration": float64(len(file)-44) / 8000, "text": text, "segments": segments}
}

// writtenDown is the text of a session whose recording goes to a server that
// takes so many bytes, and the number of parts.
func writtenDown(t *testing.T, recording string, most int64) (text string, seconds *int64, parts int) {
	t.Helper()
	doc, parts := hearAll(t, recording, openai.Config{MaxBytes: most}, listen)
	return doc.Text, doc.Duration, parts
}

// hearAll is the transcript of a recording, as a server hears it, and the number
// of parts that it was sent in.
func hearAll(t *testing.T, recording string, c openai.Config, listen func(file string) map[string]any) (doc finished, parts int) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		parts++
		f, _, err := r.FormFile("file")
		if err != nil {
			t.Error(err)
			return
		}
		sound, err := io.ReadAll(f)
		if err == nil {
			err = json.NewEncoder(rw).Encode(listen(string(sound)))
		}
		if err != nil {
			t.Error(err)
		}
	}))
	defer s.Close()
	w := newWorld(t)
	c.URL, c.Model, c.Sole, c.Now = s.URL, "m", true, w.clock
	engine, err := openai.New(&http.Client{}, w.blobs, w.queues[queue.Transcribe], c)
	ok(t, err)
	w.engine = engine
	w.assemble()
	w.workers[queue.Transcribe] = worker.Transcribe(w.sessions.Recordings, nil, engine.Work)
	sess := createUpload(w, w.upload(recording))
	w.drain()
	w.wait(time.Minute, w.over(sess.ID))
	if got := w.get(sess.ID); got.Status != session.Completed {
		t.Fatalf("%+v", got.Failure)
	}
	doc = document(w, sess.ID)
	last := int64(0)
	for _, seg := range doc.Segments {
		if *seg.StartMS < last || *seg.EndMS < *seg.StartMS {
			t.Errorf("%d to %d ms: %s", *seg.StartMS, *seg.EndMS, seg.Text)
		}
		last = *seg.StartMS
	}
	return doc, parts
}

// What is written down of a recording does not depend on how many parts it was
// sent in.
func TestPartsAreTheWhole(t *testing.T) {
	silent := make([]int, 50)
	for i := range silent {
		silent[i] = -1
	}
	var talk []int
	for n := range 100 {
		talk = append(talk, n)
	}
	for name, words := range map[string][]int{
		"talk":             talk,
		"a long pause":     append(append(talk[:40:40], silent...), talk[40:]...),
		"late, and to end": append(silent[:45:45], talk[:70]...),
	} {
		t.Run(name, func(t *testing.T) {
			recording := spoken(words)
			whole, long, _ := writtenDown(t, recording, 0)
			for _, most := range []int64{90_000, 130_000, 250_000} {
				text, seconds, parts := writtenDown(t, recording, most)
				if bare(text) != bare(whole) || *seconds != *long || parts < 2 {
					t.Errorf("%d parts, %d s of %d:\n%s\nthe whole is\n%s", parts, *seconds, *long, text, whole)
				}
			}
		})
	}
}

// Two who speak by turns are the same two in all parts of a recording, whatever
// the engine calls them in each.
func TestSpeakersStayThroughParts(t *testing.T) {
	var talk []int
	voice := map[string]int{} // of a word; 4 of them are a turn
	for n := range 120 {
		talk = append(talk, n)
		voice[name(n, beat)] = n / 4 % 2
	}
	told := func(file string) map[string]any {
		answer := listen(file)
		segments, labels := []segment{}, map[int]string{}
		for _, s := range answer["segments"].([]segment) {
			words := strings.Fields(strings.TrimSuffix(s.Text, "."))
			each := (s.End - s.Start) / float64(len(words))
			for i, w := range words {
				who := voice[w]
				if labels[who] == "" { // counted anew in each part
					labels[who] = string(rune('A' + len(labels)))
				}
				segments = append(segments, segment{s.Start + each*float64(i), s.Start + each*float64(i+1), w, labels[who]})
			}
		}
		answer["segments"] = segments
		return answer
	}
	for _, most := range []int64{150_000, 170_000, 190_000} {
		doc, parts := hearAll(t, spoken(talk), openai.Config{MaxBytes: most, Diarize: true}, told)
		if parts < 3 {
			t.Errorf("%d parts", parts)
		}
		for _, seg := range doc.Segments {
			for w := range strings.FieldsSeq(seg.Text) {
				if who, whole := voice[w]; whole && seg.SpeakerName() != []string{"A", "B"}[who] {
					t.Errorf("%d bytes: %s is said by %s", most, w, seg.SpeakerName())
				}
			}
		}
		if !slices.Equal(doc.Reading.Speakers, []string{"A", "B"}) || len(doc.Reading.Warnings) > 0 {
			t.Errorf("%d bytes: %+v", most, doc.Reading)
		}
	}
}

// A recording that ends before its header says so, and one that the engine did
// not hear to its end, are told.
func TestCutOff(t *testing.T) {
	whole := spoken([]int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
	early := func(file string) map[string]any { return listen(file[:len(file)/2]) }
	for _, r := range []struct {
		name, file string
		listen     func(string) map[string]any
		want       string // a part of the warning
	}{
		{"whole", whole, listen, ""},
		{"cut off", whole[:len(whole)/2], listen, "counts more sound"},
		{"not heard to its end", whole, early, "6s long, and the engine has heard 3s"},
	} {
		doc, _ := hearAll(t, r.file, openai.Config{}, r.listen)
		got := ""
		for _, w := range doc.Reading.Warnings {
			if w.Code == transcript.CutOff {
				got = w.Message
			}
		}
		if (got == "") != (r.want == "") || !strings.Contains(got, r.want) {
			t.Errorf("%s: %q", r.name, got)
		}
	}
}

// bare is the words of a text, whatever its sentences.
func bare(text string) string { return fmt.Sprint(strings.Fields(strings.ReplaceAll(text, ".", ""))) }
