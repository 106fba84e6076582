package schema

import (
	"time"

	"griot/internal/timestamp"
)

// CheckQuery returns a Malformed error that names what is wrong with the
// parameters of a query, or nil.
func CheckQuery(query any) error {
	var p Problems
	p.CheckQuery(query)
	return p.Query()
}

// Time reads a time, or a date as the moment it begins; "" is the zero time.
func (p *Problems) Time(member, value string) time.Time { return p.time(member, value, timestamp.From) }

// Until reads a time, or a date as its last moment; "" is the zero time.
func (p *Problems) Until(member, value string) time.Time { return p.time(member, value, timestamp.To) }

// Span reads two times or dates, both included; "" is an open end.
func (p *Problems) Span(from, fromValue, to, toValue string) timestamp.Range {
	r := timestamp.Range{From: p.Time(from, fromValue), To: p.Until(to, toValue)}
	if r.Backwards() {
		p.Invalid(to, "invalid", "must not be before %s", from)
	}
	return r
}

// QuerySpan is Span for the parameters of a query.
func QuerySpan(from, fromValue, to, toValue string) (timestamp.Range, error) {
	var p Problems
	r := p.Span(from, fromValue, to, toValue)
	return r, p.Query()
}

func (p *Problems) time(member, value string, parse func(string) (time.Time, error)) time.Time {
	if value == "" {
		return time.Time{}
	}
	t, err := parse(value)
	if err != nil {
		p.Invalid(member, "invalid", "must be an ISO 8601 time, such as 2026-05-18T14:00:00Z")
	}
	return t
}
