package schema

import "griot/internal/errs"

// Problems collects what is wrong with a request, member by member.
type Problems struct{ err *errs.Error }

// Add takes an error that names members.
func (p *Problems) Add(e *errs.Error) {
	if p.err == nil {
		p.err = e
		return
	}
	p.err.Fields = append(p.err.Fields, e.Fields...)
	p.err.Message += "; " + e.Message
}

// Invalid notes what is wrong with a member.
func (p *Problems) Invalid(member, code, format string, args ...any) {
	p.Add(errs.Invalid(member, code, format, args...))
}

// Result is an InvalidArgument that names all of them, or nil.
func (p *Problems) Result() error {
	if p.err == nil {
		return nil
	}
	return p.err
}

// Query is the result for a query, in which what is wrong is Malformed.
func (p *Problems) Query() error {
	if p.err != nil {
		p.err.Kind = errs.Malformed
	}
	return p.Result()
}
