package openai_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"griot/internal/transcriber"
)

// said is an answer whose words begin at these seconds, and last one.
func said(duration int, seconds ...int) string {
	words, text := []string{}, []string{}
	for _, s := range seconds {
		words = append(words, fmt.Sprintf(`{"word":"w%d","start":%d.0,"end":%d.0}`, s, s, s+1))
		text = append(text, fmt.Sprint("w", s))
	}
	return fmt.Sprintf(`{"text":%q,"duration":%d.0,"segments":[],"words":[%s]}`, strings.Join(text, " "), duration, strings.Join(words, ","))
}

func every(step, from, to int) (seconds []int) {
	for s := from; s < to; s += step {
		seconds = append(seconds, s)
	}
	return seconds
}

// A prompt that makes a server pass over speech is left out, and a pause in
// which nobody speaks is none of its doing.
func TestHoles(t *testing.T) {
	whole := said(300, every(2, 0, 300)...)
	holed := said(300, append(every(2, 0, 20), every(2, 40, 300)...)...)
	segments := `{"text":"so and so","duration":70.0,"segments":[{"start":0.0,"end":6.0,"text":"so"},{"start":30.0,"end":70.0,"text":"and so"}]}`
	allSegments := strings.Replace(segments, `{"start":30.0`, `{"start":8.0,"end":29.0,"text":"on it goes and on"},{"start":30.0`, 1)
	endless := strings.Replace(holed, "[]", "["+strings.Repeat("{},", 4<<20)+"{}]", 1) // a gigabyte as values
	for name, r := range map[string]struct {
		prompted, plain string
		want            string
		calls           int
	}{
		"nothing is missing":            {whole, "", whole, 1},
		"half a minute is missing":      {holed, whole, whole, 2},
		"segments alone have times":     {segments, allSegments, allSegments, 2},
		"the end is missing":            {said(40, 0, 2, 4), said(40, every(2, 0, 40)...), said(40, every(2, 0, 40)...), 2},
		"nobody speaks there":           {holed, holed, holed, 2},
		"what is heard in silence":      {holed, said(300, append(every(2, 0, 20), append([]int{30, 31}, every(2, 40, 300)...)...)...), holed, 2},
		"the other one says less":       {holed, said(300, 1, 2), holed, 2},
		"a word is stretched over it":   {strings.Replace(holed, `"start":18.0,"end":19.0`, `"start":18.0,"end":40.0`, 1), whole, whole, 2},
		"a word takes as long as four":  {strings.Replace(said(300, append(every(2, 0, 20), every(2, 26, 300)...)...), `"start":18.0,"end":19.0`, `"start":18.0,"end":26.0`, 1), said(300, every(1, 0, 300)...), said(300, every(1, 0, 300)...), 2},
		"late: no prompt does that":     {said(300, append(every(2, 0, 100), every(2, 140, 300)...)...), "", said(300, append(every(2, 0, 100), every(2, 140, 300)...)...), 1},
		"an hour is silent":             {said(4000, 0, 2, 4), "", said(4000, 0, 2, 4), 1},
		"longer than is looked at":      {endless, "", endless, 1},
		"without times nothing is told": {`{"text":"so"}`, "", `{"text":"so"}`, 1},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStudio(t, waveFile(1, minute), "wav", 0)
			s.r.Title = "Who closes"
			replies := []string{r.prompted, r.plain}
			s.replies = func(n int) (int, string) { return 200, replies[n-1] }
			for range 2 { // the second time everything is there
				res, err := s.outcome()
				if err != nil || res.State != transcriber.Done || len(res.Answers) != 1 {
					t.Fatalf("%+v, %v", res, err)
				}
				body, _, err := s.blobs.Get(t.Context(), res.Answers[0].Object)
				if err != nil {
					t.Fatal(err)
				}
				defer body.Close()
				got, err := io.ReadAll(body)
				if err != nil || string(got) != r.want || len(s.sent) != r.calls {
					t.Errorf("%d calls, %.100s, %v", len(s.sent), got, err)
				}
				if err := s.blobs.Delete(t.Context(), s.r.Answer+"job.json"); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// A process that dies between the two calls has its first answer looked at again.
func TestHoleAfterACrash(t *testing.T) {
	whole := said(300, every(2, 0, 300)...)
	holed := said(300, append(every(2, 0, 20), every(2, 40, 300)...)...)
	s := newStudio(t, waveFile(1, minute), "wav", 0)
	dies(t, s, func(n int) (int, string) { return 200, []string{holed, whole, whole}[n-1] })
	res, err := s.outcome()
	if err != nil || len(s.sent) != 3 {
		t.Fatalf("%v, %d calls", err, len(s.sent))
	}
	body, _, err := s.blobs.Get(t.Context(), res.Answers[0].Object)
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	if got, err := io.ReadAll(body); err != nil || string(got) != whole {
		t.Errorf("the answer is %.100s, %v", got, err)
	}
	kept, _, err := s.blobs.List(t.Context(), s.r.Kept, "")
	if err != nil || len(kept) != 1 {
		t.Errorf("kept %v, %v", kept, err)
	}
}
