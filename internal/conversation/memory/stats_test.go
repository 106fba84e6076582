package memory_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"griot/internal/conversation/memory"
	"griot/internal/errs"
)

// diary makes memories of the 18th, the 19th (two), the 25th of May and the 2nd of
// June 2026.
func (w *world) diary() (deleted string) {
	w.T.Helper()
	w.Add("NEW", "one", "Sea", "Wind")
	w.Advance(24 * time.Hour)
	w.Add("NEW", "two", "sea")
	w.Add("NEW", "three")
	w.Advance(6 * 24 * time.Hour)
	w.Add("NEW", "four", "Wind")
	gone := w.Add("NEW", "hidden", "Sea")
	w.Advance(8 * 24 * time.Hour)
	w.Add("NEW", "five", "Sea")
	return gone.Conversation
}

func TestStats(t *testing.T) {
	w := newWorld(t)
	_, err := w.Conversations.Delete(t.Context(), w.P, w.diary())
	w.OK(err)
	tests := map[string]struct {
		in    memory.StatsInput
		want  []memory.Group
		total int
	}{
		"days":   {memory.StatsInput{GroupBy: memory.GroupDay}, []memory.Group{{"2026-06-02", 1}, {"2026-05-25", 1}, {"2026-05-19", 2}, {"2026-05-18", 1}}, 5},
		"weeks":  {memory.StatsInput{GroupBy: memory.GroupWeek}, []memory.Group{{"2026-W23", 1}, {"2026-W22", 1}, {"2026-W21", 3}}, 5},
		"months": {memory.StatsInput{GroupBy: memory.GroupMonth}, []memory.Group{{"2026-06", 1}, {"2026-05", 4}}, 5},
		"topics": {memory.StatsInput{GroupBy: memory.GroupTopic}, []memory.Group{{"Sea", 3}, {"Wind", 2}}, 5},
		"the latest two days": {
			memory.StatsInput{GroupBy: memory.GroupDay, Limit: 2}, []memory.Group{{"2026-06-02", 1}, {"2026-05-25", 1}}, 5,
		},
		"of a topic": {memory.StatsInput{GroupBy: memory.GroupMonth, Topic: "WIND"}, []memory.Group{{"2026-05", 2}}, 2},
		"topics beside one": {
			memory.StatsInput{GroupBy: memory.GroupTopic, Topic: "wind"}, []memory.Group{{"Wind", 2}, {"Sea", 1}}, 2,
		},
		"between days": {
			memory.StatsInput{GroupBy: memory.GroupDay, After: "2026-05-19", Before: "2026-05-25"}, []memory.Group{{"2026-05-25", 1}, {"2026-05-19", 2}}, 3,
		},
		"of late":              {memory.StatsInput{GroupBy: memory.GroupDay, Recent: "10d", After: "2026-05-01"}, []memory.Group{{"2026-06-02", 1}, {"2026-05-25", 1}}, 2},
		"in thousands of ages": {memory.StatsInput{GroupBy: memory.GroupMonth, Recent: "99999mo"}, []memory.Group{{"2026-06", 1}, {"2026-05", 4}}, 5},
		"of nothing":           {memory.StatsInput{GroupBy: memory.GroupTopic, Topic: "none"}, []memory.Group{}, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if tt.in.Limit == 0 {
				tt.in.Limit = 100
			}
			got, err := memory.Counts{Service: w.Memories}.Stats(t.Context(), w.P, tt.in)
			w.OK(err)
			if diff := cmp.Diff(tt.want, got.Groups); diff != "" || got.Total != tt.total {
				t.Errorf("total %d, want %d; %s", got.Total, tt.total, diff)
			}
		})
	}
	for name, in := range map[string]memory.StatsInput{
		"no range": {GroupBy: memory.GroupDay, Limit: 1, After: "2026-06-01", Before: "2026-05-01"},
		"no age":   {GroupBy: memory.GroupDay, Limit: 1, Recent: "1y"},
	} {
		t.Log(name)
		_, err := memory.Counts{Service: w.Memories}.Stats(t.Context(), w.P, in)
		w.Kind(err, errs.Malformed)
	}
}
