package conversation_test

import (
	"reflect"
	"slices"
	"testing"

	"griot/internal/conversation/memory"
	"griot/internal/schema"
	"griot/internal/transcript"
)

// What passages and files are cut to, and the words that are compared with, are
// the bounds and words of requests.
func TestBoundsAreThoseOfRequests(t *testing.T) {
	for name, c := range map[string]struct{ got, want int }{
		"content": {memory.MaxContent, schema.Most[memory.Input]("content")},
		"topics":  {memory.MaxTopics, schema.Most[memory.Input]("topics")},
		"a topic": {memory.MaxTopic, int(*rules[memory.Input]("topics").Each.Max)},
		"a text":  {transcript.MaxSegmentRunes, schema.Most[transcript.Turn]("text")},
	} {
		if c.got != c.want {
			t.Errorf("%s: %d and %d", name, c.got, c.want)
		}
	}
	for name, c := range map[string]struct{ got, want []string }{
		"types":    {memory.Types, rules[memory.Input]("memoryType").Words},
		"roles":    {memory.Roles, rules[memory.Input]("role").Words},
		"outcomes": {memory.Outcomes, rules[memory.Input]("outcome").Words},
		"scopes":   {memory.Scopes, rules[memory.ListInput]("scope").Names.Words},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%s: %v and %v", name, c.got, c.want)
		}
	}
}

func rules[T any](member string) schema.Rules {
	all := schema.Members(reflect.TypeFor[T]())
	return all[slices.IndexFunc(all, func(m schema.Member) bool { return m.Name == member })].Rules
}
