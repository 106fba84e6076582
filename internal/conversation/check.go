package conversation

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"griot/internal/conversation/memory"
	"griot/internal/errs"
	"griot/internal/text"
	"griot/internal/timestamp"
)

// Bounds in characters (contract D 35).
const (
	MaxTitle   = 500
	MaxSummary = 2000
)

// Bounds of limits (contract D 27 and F9).
const (
	MaxLimit       = 1000 // of conversations
	MaxMemoryLimit = 1000 // of memories
	MaxTopicLimit  = 100  // of topics
)

// Bounds of a query in characters (contract B.6).
const MaxQuery = 32_768

// problems collects what is wrong with a body, field by field.
type problems struct{ err *errs.Error }

func (p *problems) invalid(field, code, format string, args ...any) {
	e := errs.Invalid(field, code, format, args...)
	if p.err == nil {
		p.err = e
		return
	}
	p.err.Fields = append(p.err.Fields, e.Fields...)
	p.err.Message += "; " + e.Message
}

func (p *problems) result() error {
	if p.err == nil {
		return nil
	}
	return p.err
}

// text checks a field's length; required ones may not be blank either.
func (p *problems) text(field, value string, most int, required bool) {
	switch n := utf8.RuneCountInString(value); {
	case required && text.Blank(value):
		p.invalid(field, "required", "must not be empty")
	case n > most:
		p.invalid(field, "too_long", "must have at most %d characters", most)
	}
}

// title checks what people read in lists.
func (p *problems) title(field, value string) {
	p.text(field, value, MaxTitle, true)
	p.oneLine(field, value)
}

func (p *problems) oneLine(field, value string) {
	if !text.OneLine(value) {
		p.invalid(field, "invalid", "must be on one line, without control characters")
	}
}

func (p *problems) oneOf(field, value string, values []string) {
	if value != "" && !slices.Contains(values, value) {
		p.invalid(field, "invalid", "must be one of %s", strings.Join(values, ", "))
	}
}

// time reads a time or a date, as which it begins; "" is none.
func (p *problems) time(field, value string) time.Time { return p.read(field, value, timestamp.From) }

// span reads two times or dates, both included; "" is an open end.
func (p *problems) span(from, fromValue, to, toValue string) memory.Range {
	r := memory.Range{From: p.read(from, fromValue, timestamp.From), To: p.read(to, toValue, timestamp.To)}
	if r.Backwards() {
		p.invalid(to, "invalid", "must not be before %s", from)
	}
	return r
}

func (p *problems) read(field, value string, parse func(string) (time.Time, error)) time.Time {
	if value == "" {
		return time.Time{}
	}
	t, err := parse(value)
	if err != nil {
		p.invalid(field, "invalid", "must be an ISO 8601 time, such as 2026-05-18T14:00:00Z")
	}
	return t
}

// limit checks the limit and offset of a body.
func (p *problems) limit(limit, offset, most int) {
	if limit < 1 || limit > most {
		p.invalid("limit", "invalid", "must be from 1 to %d", most)
	}
	if offset < 0 {
		p.invalid("offset", "invalid", "must not be negative")
	}
}

func (p *problems) query(query string) { p.text("query", query, MaxQuery, true) }

// Patterns are compiled when they are first needed: functions start without.
var namePattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}[a-z0-9]$`)
})

func (p *problems) name(name string) {
	if name != "" && !namePattern().MatchString(name) {
		p.invalid("name", "invalid", "must have 2 to 64 lower-case letters, digits and hyphens, no hyphen first or last")
	}
}

func (p *problems) topics(field string, names []string, most int) {
	if len(names) > most {
		p.invalid(field, "too_long", "must have at most %d entries", most)
		return
	}
	for i, name := range names {
		at := field + "[" + strconv.Itoa(i) + "]"
		if utf8.RuneCountInString(name) > memory.MaxTopic {
			p.invalid(at, "too_long", "must have at most %d characters", memory.MaxTopic)
		}
		p.oneLine(at, name)
	}
}

// topicFilter checks topics that select. A blank one would be passed over in a
// memory; here it would select nothing.
func (p *problems) topicFilter(field string, names []string, most int) {
	p.topics(field, names, most)
	if slices.ContainsFunc(names, text.Blank) {
		p.invalid(field, "invalid", "must not have a blank entry")
	}
}

func (p *problems) scope(pairs map[string]string) {
	if !knownScope(pairs) {
		p.invalid("scope", "invalid", "must have pairs of %s", strings.Join(memory.Scopes, ", "))
	}
}

func knownScope(pairs map[string]string) bool {
	for name := range pairs {
		if !slices.Contains(memory.Scopes, name) {
			return false
		}
	}
	return true
}

func (p *problems) codeContext(c *memory.CodeContext) {
	if c == nil {
		return
	}
	for i, value := range []string{c.Product, c.Repo, c.Service, c.Component, c.Team, c.Role} {
		field := []string{"product", "repo", "service", "component", "team", "role"}[i]
		p.text("codeContext."+field, value, memory.MaxScope, false)
	}
	if len(c.Extra) > memory.MaxExtras {
		p.invalid("codeContext.extra", "too_long", "must have at most %d entries", memory.MaxExtras)
	}
	for name, value := range c.Extra {
		p.text("codeContext.extra", name, memory.MaxScope, false)
		p.text("codeContext.extra", value, memory.MaxExtra, false)
	}
}

// check returns the memory that a body describes, without what the server
// gives it.
func (in MemoryInput) check() (memory.Memory, error) {
	var bad problems
	bad.text("content", in.Content, memory.MaxContent, true)
	bad.text("context", in.Context, memory.MaxContext, false)
	bad.text("taskId", in.TaskID, memory.MaxTaskID, false)
	bad.text("claudeSessionId", in.ClaudeSession, memory.MaxTaskID, false)
	bad.oneOf("memoryType", in.Type, memory.Types)
	bad.oneOf("role", in.Role, memory.Roles)
	bad.oneOf("outcome", in.Outcome, memory.Outcomes)
	bad.name(in.Name)
	bad.topics("topics", in.Topics, memory.MaxTopics)
	bad.codeContext(in.CodeContext)
	m := memory.Memory{
		Content: in.Content, Type: in.Type, Role: in.Role, Name: in.Name, Context: in.Context,
		Outcome: in.Outcome, TaskID: in.TaskID, Topics: in.Topics, CodeContext: in.CodeContext, Version: 1,
		EventTime: bad.time("eventTime", in.EventTime),
		ValidFrom: bad.time("validFrom", in.ValidFrom), ValidTo: bad.time("validTo", in.ValidTo),
	}
	if m.Type == "" {
		m.Type = memory.Types[0]
	}
	return m, bad.result()
}

func (in MemoryChange) check() error {
	var bad problems
	bad.codeContext(in.CodeContext)
	if in.Content != nil {
		bad.text("content", *in.Content, memory.MaxContent, true)
	}
	if in.Context != nil {
		bad.text("context", *in.Context, memory.MaxContext, false)
	}
	if in.Type != nil {
		if *in.Type == "" {
			bad.invalid("memoryType", "invalid", "must be one of %s", strings.Join(memory.Types, ", "))
		}
		bad.oneOf("memoryType", *in.Type, memory.Types)
	}
	if in.Outcome != nil {
		bad.oneOf("outcome", *in.Outcome, memory.Outcomes)
	}
	if in.Name != nil {
		bad.name(*in.Name)
	}
	if in.Topics != nil {
		bad.topics("topics", *in.Topics, memory.MaxTopics)
	}
	return bad.result()
}

// queryTimes reads two times or dates of a query, both included.
func queryTimes(from, fromValue, to, toValue string) (memory.Range, error) {
	var bad problems
	r := bad.span(from, fromValue, to, toValue)
	return r, bad.ofQuery()
}

// ofQuery is the result for parameters of a query.
func (p *problems) ofQuery() error {
	if p.err != nil {
		p.err.Kind = errs.Malformed
	}
	return p.result()
}

// checkLimit checks the limit and offset of a query.
func checkLimit(limit, offset, most int) error {
	switch {
	case limit > most:
		return errs.New(errs.Malformed, "limit must be at most %d", most)
	case limit < 1:
		return errs.New(errs.Malformed, "limit must be from 1 to %d", most)
	case offset < 0:
		return errs.New(errs.Malformed, "offset must not be negative")
	}
	return nil
}

// checkWord checks a word of a query; "" stands for the first.
func checkWord(field, value string, values ...string) error {
	if value != "" && !slices.Contains(values, value) {
		return errs.New(errs.Malformed, "%s must be one of %s", field, strings.Join(values, ", "))
	}
	return nil
}

// MaxPage bounds the bytes of an answer (contract D 27): Lambda's limit, less
// room for the envelope.
const MaxPage = 5 << 20

// CheckPage refuses a page of so many bytes if it is too large.
func CheckPage(bytes int) error {
	if bytes > MaxPage {
		return errs.New(errs.Malformed, "the page would have more than %d MB: lower limit", MaxPage>>20)
	}
	return nil
}

// weight is about how many bytes a memory has on the wire.
func weight(m memory.Memory) int {
	const rest = 400 // ids, times and names
	n := rest + len(m.Content) + len(m.Context)
	for _, name := range m.Topics {
		n += len(name) + 3
	}
	if m.CodeContext != nil {
		data, _ := json.Marshal(m.CodeContext) // was read from JSON
		n += len(data)
	}
	return n
}
