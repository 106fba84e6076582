package find

import (
	"context"
	"slices"
	"strings"
	"time"

	"griot/internal/access"
	"griot/internal/conversation"
	"griot/internal/conversation/memory"
	"griot/internal/record"
	"griot/internal/schema"
	"griot/internal/search"
	"griot/internal/timestamp"
)

// BriefingInput is the body of POST /api/memories/build-context.
type BriefingInput struct {
	// What is going to be worked on.
	Context string `json:"context" is:"required filled ..2000"`
	// Paths of files that will be touched; their names are searched for, too.
	Files []string `json:"files" is:"..100 full each line ..500"`
	// How long ago what is recent may be.
	RecentHours int `json:"recentHours" is:"1..720" default:"24"`
	// Pairs such as product:griot,team:core: only memories whose codeContext has
	// all of them.
	Scope string `json:"scope" is:"given line ..200"`
	// With a scope: memories without a codeContext, too.
	Unscoped bool `json:"includeUnscoped" default:"false"`
}

// Briefing is what to know before working on something.
type Briefing struct {
	Active   *Active     // the conversation that is nearest to it and goes on; nil: none does
	Relevant []MemoryHit // the best of any time; a score of 1 is the best of them
	Recent   []MemoryHit // the best of those that are recent
	Titles   map[string]string
	Terms    []string // words that were looked for
	Scope    map[string]string
}

// Active is a conversation with its last memory.
type Active struct {
	conversation.Conversation
	Last memory.Memory
}

const (
	// maxRelevant and maxRecent are memories of a briefing.
	maxRelevant, maxRecent = 10, 10
	// maxBriefingTerms is how many words a briefing tells of.
	maxBriefingTerms = 20
)

// Brief searches for what is said of a work, of all times and of late. With a scope
// it looks through the first maxMemoryMatches matches.
func (s *Service) Brief(ctx context.Context, p access.Principal, in BriefingInput) (Briefing, error) {
	if err := p.Require(access.MemoriesRead); err != nil {
		return Briefing{}, err
	}
	scope, err := in.check()
	if err != nil {
		return Briefing{}, err
	}
	now := s.Conversations.Time()
	text := strings.Join(append([]string{in.Context}, in.Files...), "\n")
	out := Briefing{Terms: search.Words(text, maxBriefingTerms), Scope: scope}
	query := MemoryQuery{Query: search.Pasted(text)}
	f := memoryFilter{any: true, workspace: p.Workspace, scope: scope, unscoped: in.Unscoped}
	if out.Relevant, err = s.ofTimes(ctx, query, f, maxRelevant); err != nil {
		return Briefing{}, err
	}
	f.Event = timestamp.Range{From: now.Add(-time.Duration(in.RecentHours) * time.Hour)}
	if out.Recent, err = s.ofTimes(ctx, query, f, maxRecent); err != nil {
		return Briefing{}, err
	}
	for i, most := 0, 0.0; i < len(out.Relevant); i++ {
		most = max(most, out.Relevant[i].Score)
		out.Relevant[i].Score /= most
	}
	return out, s.place(ctx, p.Workspace, &out, f.Event.From)
}

// check returns the scope.
func (in BriefingInput) check() (map[string]string, error) {
	var bad schema.Problems
	bad.Check(in)
	var scope map[string]string
	if in.Scope != "" {
		scope = map[string]string{}
		for pair := range strings.SplitSeq(in.Scope, ",") {
			name, value, _ := strings.Cut(pair, ":")
			scope[strings.TrimSpace(name)] = strings.TrimSpace(value)
		}
	}
	for name, value := range scope {
		if value == "" || !slices.Contains(memory.Scopes, name) {
			bad.Invalid("scope", "invalid", "must have pairs such as product:griot, of %s", strings.Join(memory.Scopes, ", "))
			break
		}
	}
	return scope, bad.Result()
}

// ofTimes returns the best memories of a time.
func (s *Service) ofTimes(ctx context.Context, query MemoryQuery, f memoryFilter, n int) ([]MemoryHit, error) {
	matches, _, err := s.matches(ctx, f.workspace, query, f.Event)
	if err != nil {
		return nil, err
	}
	return s.best(ctx, f.workspace, matches, f, n)
}

// place reads what the conversations of a briefing are called, and which of them
// goes on.
func (s *Service) place(ctx context.Context, workspace string, b *Briefing, since time.Time) error {
	var ids []string
	for _, hits := range [][]MemoryHit{b.Recent, b.Relevant} {
		for _, hit := range hits {
			ids = append(ids, hit.Conversation)
		}
	}
	found, err := s.Conversations.Many(ctx, workspace, distinct(ids))
	if err != nil {
		return err
	}
	b.Titles = map[string]string{}
	for _, c := range found {
		b.Titles[c.ID] = c.Title
		if b.Active != nil || c.ActiveAt.Before(since) {
			continue
		}
		last, ok, err := s.memories().Store().LastBut(ctx, record.In(workspace, c.ID), "")
		if err != nil {
			return err
		}
		if ok {
			b.Active = &Active{c, last}
		}
	}
	return nil
}

func distinct(ids []string) (out []string) {
	seen := map[string]bool{}
	for _, id := range ids {
		if !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	return out
}
