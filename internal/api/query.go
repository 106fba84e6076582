package api

import (
	"net/http"
	"net/url"
	"strconv"

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
	return Query{values}, nil
}

// Has reports whether the parameter is there, if only empty.
func (q Query) Has(name string) bool { return q.values.Has(name) }

// Get returns a parameter or "".
func (q Query) Get(name string) string { return q.values.Get(name) }

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
func BadParameter(name, message string) error {
	e := errs.New(errs.Malformed, "%s %s", name, message)
	e.Fields = []errs.Field{{Field: name, Code: "invalid", Message: e.Message}}
	return e
}

// Count reads a decimal ≥ 0, as in after=12.
func Count(s string) (int64, bool) {
	n, err := strconv.ParseUint(s, 10, 63)
	return int64(n), err == nil
}
