package format

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"griot/internal/transcript"
)

// The W3C's files: every cue that they count is there, with its times and
// text, in order.
func TestWebPlatformFiles(t *testing.T) {
	var want map[string]struct {
		Count *int `json:"wpt_cue_count"`
		Cues  []struct {
			Start, End float64
			Text       string
		}
	}
	readJSON(t, "testdata/webvtt/expected.json", &want)
	files, _ := filepath.Glob("testdata/webvtt/*.vtt")
	if len(files) != 37 || len(want) != 37 {
		t.Fatalf("%d files, %d expectations, want 37", len(files), len(want))
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			exp := want[strings.TrimSuffix(filepath.Base(file), ".vtt")]
			if exp.Count != nil && *exp.Count != len(exp.Cues) {
				t.Fatal("the two expectations differ")
			}
			var turns []transcript.Turn
			for _, c := range exp.Cues {
				turn := transcript.Turn{Text: strings.TrimSpace(c.Text), StartMS: ms(c.Start)}
				if c.End > c.Start {
					turn.EndMS = ms(c.End)
				}
				turns = append(turns, turn)
			}
			p, err := parseFile(t, file)
			if len(turns) == 0 {
				wantCode(t, err, EmptyTranscript)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(turns, p.Turns); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func ms(seconds float64) *int64 {
	v := int64(math.Round(seconds * 1000))
	return &v
}

func readJSON(t *testing.T, file string, to any) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(b, to)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func parseFile(t *testing.T, file string) (Parsed, error) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return Parse(f, MaxText, transcript.Hint{})
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	e, ok := err.(*Error)
	if !ok || e.Code != code {
		t.Fatalf("error %v, want code %s", err, code)
	}
}
