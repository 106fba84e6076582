package schema

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"griot/internal/text"
)

// Check judges a request by its tags alone.
func Check(request any) error {
	var bad Problems
	bad.Check(request)
	return bad.Result()
}

// Check judges a struct by the words of its tags. A zero value is an absent
// one, where nothing says more.
func (p *Problems) Check(request any) { p.object("", reflect.ValueOf(request)) }

// CheckMember judges one member of a request.
func (p *Problems) CheckMember(name string, r Rules, v reflect.Value) { p.member(name, r, v) }

// CheckQuery judges the parameters of a query alone.
func (p *Problems) CheckQuery(query any) {
	v := reflect.ValueOf(query)
	for _, m := range Members(v.Type()) {
		if m.Param != "" {
			p.member(m.Param, m.Rules, v.FieldByIndex(m.Index))
		}
	}
}

func (p *Problems) object(at string, v reflect.Value) {
	for _, m := range Members(v.Type()) {
		p.member(at+m.Name, m.Rules, v.FieldByIndex(m.Index))
	}
}

func (p *Problems) member(at string, r Rules, v reflect.Value) {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			if r.Required {
				p.missing(at, r)
			}
			return
		}
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.String:
		p.text(at, r, v.String())
	case reflect.Int, reflect.Int64:
		p.number(at, r, v.Int())
	case reflect.Float64:
		p.share(at, r, v.Float())
	case reflect.Bool:
		if r.Words != nil && !v.Bool() {
			p.Invalid(at, "required", "must be true")
		}
	case reflect.Slice:
		p.list(at, r, v)
	case reflect.Map:
		p.pairs(at, r, v)
	case reflect.Struct:
		p.object(at+".", v)
	}
}

func (p *Problems) missing(at string, r Rules) {
	if r.Filled {
		p.Invalid(at, "required", "must not be empty")
		return
	}
	p.Invalid(at, "required", "is required")
}

func (p *Problems) text(at string, r Rules, s string) {
	switch n := int64(utf8.RuneCountInString(s)); {
	case (r.Required || r.Filled) && text.Blank(s):
		p.missing(at, r)
	case r.Nonblank && text.Blank(s), r.Seen && s != "" && text.Blank(s):
		p.Invalid(at, "required", "must not be blank")
	case r.Min != nil && r.Max != nil && (n > *r.Max || text.Blank(s)):
		p.Invalid(at, "invalid", "must have from %d to %d characters, and not blank ones only", *r.Min, *r.Max)
	case r.Max != nil && n > *r.Max:
		p.Invalid(at, "too_long", "must have at most %d characters", *r.Max)
	case r.Min != nil && s != "" && n < *r.Min:
		p.Invalid(at, "too_short", "must have at least %d characters", *r.Min)
	}
	if form := FormOf(r.Form); s != "" && form.valid != nil && !form.valid(s) {
		p.Invalid(at, "invalid", "%s", form.Otherwise)
	}
	if r.Line && !text.OneLine(s) {
		p.Invalid(at, "invalid", "must be on one line, without control characters")
	}
	if s != "" && r.Words != nil && !slices.Contains(r.Words, s) {
		p.Invalid(at, "invalid", "must be one of %s", strings.Join(r.Words, ", "))
	}
}

func (p *Problems) number(at string, r Rules, n int64) {
	switch {
	case r.Min != nil && r.Max != nil && (n < *r.Min || n > *r.Max):
		p.Invalid(at, "invalid", "must be from %d to %s", *r.Min, written(*r.Max))
	case r.Min != nil && *r.Min == 0 && n < 0:
		p.Invalid(at, "invalid", "must not be negative")
	}
}

// share checks a number that need not be whole.
func (p *Problems) share(at string, r Rules, n float64) {
	if r.Min != nil && r.Max != nil && (n < float64(*r.Min) || n > float64(*r.Max)) {
		p.Invalid(at, "invalid", "must be from %d to %d", *r.Min, *r.Max)
	}
}

// written is a bound as people write it.
func written(n int64) string {
	if n == 1<<53-1 { // what JSON numbers hold exactly
		return "2^53-1"
	}
	return strconv.FormatInt(n, 10)
}

func (p *Problems) list(at string, r Rules, v reflect.Value) {
	switch n := int64(v.Len()); {
	case r.Min != nil && r.Max != nil && (n < *r.Min || n > *r.Max):
		p.Invalid(at, "invalid", "must have from %d to %d entries", *r.Min, *r.Max)
		return
	case r.Max != nil && n > *r.Max:
		p.Invalid(at, "too_long", "must have at most %d entries", *r.Max)
		return
	case r.Min != nil && n < *r.Min && !v.IsNil():
		p.Invalid(at, "required", "must have at least %s", entries(*r.Min))
		return
	}
	for i := range v.Len() {
		each := Rules{}
		if r.Each != nil {
			each = *r.Each
		}
		p.member(at+"["+strconv.Itoa(i)+"]", each, v.Index(i))
	}
	if r.Full && slices.ContainsFunc(v.Interface().([]string), text.Blank) {
		p.Invalid(at, "invalid", "must not have a blank entry")
	}
}

func entries(n int64) string {
	if n == 1 {
		return "one entry"
	}
	return strconv.FormatInt(n, 10) + " entries"
}

// pairs are named by their object: their names are the client's own words.
func (p *Problems) pairs(at string, r Rules, v reflect.Value) {
	if r.Max != nil && int64(v.Len()) > *r.Max {
		p.Invalid(at, "too_long", "must have at most %d entries", *r.Max)
	}
	pairs := v.Interface().(map[string]string)
	for _, name := range slices.Sorted(maps.Keys(pairs)) {
		switch {
		case r.Names == nil:
		case r.Names.Words == nil:
			p.text(at, *r.Names, name)
		case !slices.Contains(r.Names.Words, name):
			p.Invalid(at, "invalid", "must have pairs of %s", strings.Join(r.Names.Words, ", "))
			return
		}
		if r.Each != nil {
			p.text(at, *r.Each, pairs[name])
		}
	}
}
