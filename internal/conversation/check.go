package conversation

import (
	"encoding/json"
	"regexp"
	"strings"
	"sync"
	"time"

	"griot/internal/conversation/memory"
	"griot/internal/errs"
	"griot/internal/schema"
	"griot/internal/timestamp"
)

// problems collects what is wrong with a request, member by member.
type problems struct{ schema.Problems }

// checkQuery judges the parameters of a query.
func checkQuery(query any) error {
	var bad problems
	bad.CheckQuery(query)
	return bad.Query()
}

// time reads a time or a date, as which it begins; "" is none.
func (p *problems) time(field, value string) time.Time { return p.read(field, value, timestamp.From) }

// span reads two times or dates, both included; "" is an open end.
func (p *problems) span(from, fromValue, to, toValue string) memory.Range {
	r := memory.Range{From: p.read(from, fromValue, timestamp.From), To: p.read(to, toValue, timestamp.To)}
	if r.Backwards() {
		p.Invalid(to, "invalid", "must not be before %s", from)
	}
	return r
}

func (p *problems) read(field, value string, parse func(string) (time.Time, error)) time.Time {
	if value == "" {
		return time.Time{}
	}
	t, err := parse(value)
	if err != nil {
		p.Invalid(field, "invalid", "must be an ISO 8601 time, such as 2026-05-18T14:00:00Z")
	}
	return t
}

// Patterns are compiled when they are first needed: functions start without.
var namePattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}[a-z0-9]$`)
})

func (p *problems) name(name string) {
	if name != "" && !namePattern().MatchString(name) {
		p.Invalid("name", "invalid", "must have 2 to 64 lower-case letters, digits and hyphens, no hyphen first or last")
	}
}

// check returns the memory that a body describes, without what the server
// gives it.
func (in MemoryInput) check() (memory.Memory, error) {
	var bad problems
	bad.Check(in)
	bad.name(in.Name)
	m := memory.Memory{
		Content: in.Content, Type: in.Type, Role: in.Role, Name: in.Name, Context: in.Context,
		Outcome: in.Outcome, TaskID: in.TaskID, Topics: in.Topics, CodeContext: in.CodeContext, Version: 1,
		EventTime: bad.time("eventTime", in.EventTime),
		ValidFrom: bad.time("validFrom", in.ValidFrom), ValidTo: bad.time("validTo", in.ValidTo),
	}
	if m.Type == "" {
		m.Type = memory.Types[0]
	}
	return m, bad.Result()
}

func (in MemoryChange) check() error {
	var bad problems
	bad.Check(in)
	if in.Type != nil && *in.Type == "" {
		bad.Invalid("memoryType", "invalid", "must be one of %s", strings.Join(memory.Types, ", "))
	}
	if in.Name != nil {
		bad.name(*in.Name)
	}
	return bad.Result()
}

// queryTimes reads two times or dates of a query, both included.
func queryTimes(from, fromValue, to, toValue string) (memory.Range, error) {
	var bad problems
	r := bad.span(from, fromValue, to, toValue)
	return r, bad.Query()
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
