package api

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"griot/internal/errs"
)

// Query is the query of a request.
type Query struct{ values url.Values }

// ParseQuery reads the query strictly: what cannot be decoded is an error,
// not an absent parameter.
func ParseQuery(r *http.Request) (Query, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return Query{}, errs.Wrap(errs.Malformed, err, "the query is not properly encoded")
	}
	for name, list := range values {
		if !isText(name) || slices.ContainsFunc(list, func(v string) bool { return !isText(v) }) {
			return Query{}, errs.New(errs.Malformed, "the query is not valid UTF-8")
		}
	}
	return Query{values}, nil
}

// isText reports whether s is UTF-8. The replacement character is not: in an
// event of API Gateway it stands for bytes that were none.
func isText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsRune(s, utf8.RuneError)
}

// Params are the parameters that a list knows. One that it does not know would
// select nothing, and its answer pass for selected.
type Params struct {
	Once []string // have one value
	Many []string // are words between commas, or several times in the query
	Idle []string // are what clients send, without effect
}

// Parse reads a query that has known parameters only.
func (p Params) Parse(r *http.Request) (Query, error) {
	q, err := ParseQuery(r)
	if err != nil {
		return q, err
	}
	var faults []errs.Field
	for _, name := range slices.Sorted(maps.Keys(q.values)) {
		switch {
		case slices.Contains(p.Many, name), slices.Contains(p.Idle, name):
		case !slices.Contains(p.Once, name):
			faults = append(faults, BadParameter(shortened(name), "is unknown here").Fields...)
		case len(q.values[name]) > 1:
			faults = append(faults, BadParameter(name, "is there twice").Fields...)
		}
	}
	if len(faults) == 0 {
		return q, nil
	}
	faults = faults[:min(len(faults), maxFaults)]
	return q, &errs.Error{Kind: errs.Malformed, Message: messages(faults), Fields: faults}
}

// shortened is what is said of a name that a client made up.
func shortened(name string) string {
	const most = 40
	if runes := []rune(name); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return name
}

// Has reports whether the parameter is there, if only empty.
func (q Query) Has(name string) bool { return q.values.Has(name) }

// Get returns a parameter or "".
func (q Query) Get(name string) string { return q.values.Get(name) }

// All returns the values of a parameter.
func (q Query) All(name string) []string { return q.values[name] }

// Time returns a parameter that is a time; the plus of an offset that was not
// encoded has become a space.
func (q Query) Time(name string) (string, error) {
	value, err := q.Filter(name)
	return strings.Replace(value, " ", "+", 1), err
}

// Flag returns a parameter that is true or false, or fallback when it is not
// there.
func (q Query) Flag(name string, fallback bool) (bool, error) {
	switch value := q.Get(name); {
	case !q.Has(name):
		return fallback, nil
	case value != "true" && value != "false":
		return false, BadParameter(name, "must be true or false")
	default:
		return value == "true", nil
	}
}

// Filter returns a parameter that narrows a list, or "" when it is not there.
// An empty one is an error: it would widen the list instead.
func (q Query) Filter(name string) (string, error) {
	if q.Has(name) && q.Get(name) == "" {
		return "", BadParameter(name, "must not be empty; leave it out")
	}
	return q.Get(name), nil
}

// Limit returns the parameter limit, or fallback when it is not there.
func (q Query) Limit(fallback, most int) (int, error) {
	if !q.Has("limit") {
		return fallback, nil
	}
	n, ok := Count(q.Get("limit"))
	if !ok || n < 1 || n > int64(most) {
		return 0, BadParameter("limit", "must be an integer from 1 to "+strconv.Itoa(most))
	}
	return int(n), nil
}

// BadParameter is the error for a parameter of the query.
func BadParameter(name, message string) *errs.Error {
	e := errs.New(errs.Malformed, "%s %s", name, message)
	e.Fields = []errs.Field{{Field: name, Code: "invalid", Message: e.Message}}
	return e
}

// Count reads a decimal ≥ 0, as in after=12.
func Count(s string) (int64, bool) {
	n, err := strconv.ParseUint(s, 10, 63)
	return int64(n), err == nil
}
