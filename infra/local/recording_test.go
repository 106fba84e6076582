package main

import (
	"os"
	"testing"

	"griot/infra/speech"
	"griot/internal/api/apitest"
)

// TestRecordings has real recordings written down by a real engine. How well it
// hears differs from one version of voices and weights to the next: that is
// printed.
func TestRecordings(t *testing.T) {
	const variable = "GRIOT_TEST_SPEECH"
	url := os.Getenv(variable)
	if url == "" {
		t.Skip(variable + ` is not set: infra/engines/engines speech, then eval "$(infra/engines/engines env)"`)
	}
	s := start(t, t.TempDir(), "-transcriber", url)
	wav, turns, err := speech.Speak(t.Context(), speech.Interview(), false)
	ok(t, err)
	apitest.RunRecordings(t, s.Base, map[string]string{"KEY": s.env.First.Key}, wav)
	for _, r := range []struct{ name, file, said string }{
		{"interview", string(wav), speech.Text(turns, "")},
		{"clip", string(speech.Clip), speech.ClipText},
	} {
		t.Run(r.name, func(t *testing.T) {
			id := s.Upload(t, r.file)
			if status := s.Ended(t, id); status != "completed" {
				t.Fatal(s.Call(t, "GET", "/v1/sessions/"+id, nil, 200))
			}
			var doc struct {
				Text     string
				Segments []struct {
					Start int64 `json:"start_ms"`
					End   int64 `json:"end_ms"`
				}
			}
			s.Decode(t, "/v1/sessions/"+id+"/transcript?format=json", &doc)
			wer := speech.WER(r.said, doc.Text)
			t.Logf("word error rate %.3f in %d segments", wer, len(doc.Segments))
			if wer > 0.5 {
				t.Errorf("heard as %q", doc.Text)
			}
			last := int64(0)
			for i, seg := range doc.Segments {
				if seg.Start < last || seg.End <= seg.Start {
					t.Errorf("segment %d is from %d to %d ms, behind one from %d", i+1, seg.Start, seg.End, last)
				}
				last = seg.Start
			}
		})
	}
}
