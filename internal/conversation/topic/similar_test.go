package topic_test

import (
	"slices"
	"testing"

	"griot/internal/conversation/topic"
	"griot/internal/errs"
)

func TestSimilarTopics(t *testing.T) {
	w := newWorld(t)
	c := w.Talk("Talk")
	for _, name := range []string{"Deployment", "deploy", "Deployments", "development", "Year-end close", "year end  CLOSE", "Payroll", "支払い", "支払"} {
		w.Add(c, "x", name)
	}
	half, none, one := 0.5, 0.0, 1.0
	for _, tc := range []struct {
		of        string
		threshold *float64
		limit     int
		want      []string
	}{
		{"deployment", nil, 10, []string{"Deployments", "deploy"}},
		{"DEPLOYMENT ", nil, 1, []string{"Deployments"}},
		{topic.ID(w.P.Workspace, "deploy"), &half, 10, []string{"Deployment", "Deployments"}},
		{"year-end close", nil, 10, []string{"year end  CLOSE"}},
		{"payroll", &half, 10, nil},
		{"payroll", &one, 10, nil},
		{"支払い", &half, 10, []string{"支払"}},
		{"支払い", &none, 10, []string{"支払"}}, // what has nothing in common is no answer
	} {
		found, err := w.Topics.Similar(t.Context(), w.P, topic.SimilarInput{Topic: tc.of, Threshold: tc.threshold, Limit: tc.limit})
		w.OK(err)
		var got []string
		for _, s := range found {
			if got = append(got, s.Name); s.Similarity <= 0 || s.Similarity > 1 {
				t.Errorf("%s is like %s by %v", s.Name, tc.of, s.Similarity)
			}
		}
		if !slices.Equal(got, tc.want) {
			t.Errorf("like %q: %q, want %q", tc.of, got, tc.want)
		}
	}
	two := 2.0
	_, err := w.Topics.Similar(t.Context(), w.P, topic.SimilarInput{Topic: "deploy", Threshold: &two, Limit: 1})
	w.Kind(err, errs.InvalidArgument)
	_, err = w.Topics.Similar(t.Context(), w.P, topic.SimilarInput{Topic: "none", Limit: 1})
	w.Kind(err, errs.NotFound)
}
