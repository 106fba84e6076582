package api

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"griot/internal/access"
	"griot/internal/errs"
	"griot/internal/schema"
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

// Listing returns an endpoint that reads its query into a Q; see [ReadQuery].
func Listing[Q any](ep Endpoint, serve func(w http.ResponseWriter, r *http.Request, p access.Principal, q Q) error) Endpoint {
	ep.Query = reflect.TypeFor[Q]()
	ep.Serve = func(w http.ResponseWriter, r *http.Request, p access.Principal) error {
		var q Q
		if err := ReadQuery(r, &q); err != nil {
			return err
		}
		return serve(w, r, p, q)
	}
	return ep
}

// ReadQuery reads the query of a list into a struct, whose tags say what there
// is (see [schema]). A parameter that it does not know would select nothing,
// and its answer pass for selected: all of them are named, as is all that is
// wrong with the others.
func ReadQuery(r *http.Request, into any) error {
	q, err := ParseQuery(r)
	if err != nil {
		return err
	}
	var bad schema.Problems
	q.unknown(&bad, reflect.TypeOf(into).Elem())
	if err := bad.Query(); err != nil {
		return err
	}
	return q.into(reflect.ValueOf(into).Elem())
}

// ReadKnown is ReadQuery of a single thing: what it does not know selects
// nothing there, and is ignored.
func ReadKnown(r *http.Request, into any) error {
	q, err := ParseQuery(r)
	if err != nil {
		return err
	}
	return q.into(reflect.ValueOf(into).Elem())
}

func (q Query) into(v reflect.Value) error {
	var bad schema.Problems
	for _, m := range schema.Members(v.Type()) {
		if m.Param == "" {
			continue
		}
		if e := q.read(m, v.FieldByIndex(m.Index)); e != nil {
			bad.Add(e)
		}
	}
	if err := bad.Query(); err != nil {
		return err
	}
	for _, m := range schema.Members(v.Type()) {
		if q.Has(m.Param) {
			bad.CheckMember(m.Param, m.Rules, v.FieldByIndex(m.Index))
		}
	}
	return bad.Query()
}

// unknown notes parameters that are not known, and those that are there twice
// and have one value.
func (q Query) unknown(bad *schema.Problems, t reflect.Type) {
	known, idle := schema.Members(t), schema.Idle(t)
	for i, name := range slices.Sorted(maps.Keys(q.values)) {
		at := slices.IndexFunc(known, func(m schema.Member) bool { return m.Param == name && name != "" })
		switch {
		case i >= maxFaults:
			return
		case slices.Contains(idle, name):
		case at < 0:
			bad.Add(BadParameter(shortened(name), "is unknown here"))
		case len(q.values[name]) > 1 && single(known[at].Type):
			bad.Add(BadParameter(name, "is there twice"))
		}
	}
}

// single reports whether a parameter has one value. Lists are words between
// commas, or several parameters.
func single(t reflect.Type) bool {
	return t.Kind() != reflect.Slice && t.Kind() != reflect.Map
}

func (q Query) read(m schema.Member, into reflect.Value) *errs.Error {
	switch into.Kind() {
	case reflect.Pointer:
		if q.Has(m.Param) {
			into.Set(reflect.New(into.Type().Elem()))
			into.Elem().SetString(q.Get(m.Param))
		}
		return q.mayBeEmpty(m)
	case reflect.String:
		return q.text(m, into)
	case reflect.Int, reflect.Int64:
		return q.number(m, into)
	case reflect.Bool:
		return q.flag(m, into)
	case reflect.Slice:
		return q.words(m, into)
	case reflect.Map:
		return q.pairs(m, into)
	}
	return nil
}

// mayBeEmpty is what is wrong with a text that may be there and say nothing.
func (q Query) mayBeEmpty(m schema.Member) *errs.Error {
	if int64(utf8.RuneCountInString(q.Get(m.Param))) > *m.Max {
		return BadParameter(m.Param, fmt.Sprintf("must have at most %d characters", *m.Max))
	}
	return nil
}

// text reads a parameter that narrows a list. An empty one would widen it. The
// plus of a time's offset that was not encoded has become a space.
func (q Query) text(m schema.Member, into reflect.Value) *errs.Error {
	value := q.Get(m.Param)
	switch {
	case q.Has(m.Param) && value == "" && m.Param != "cursor": // the first page's
		return BadParameter(m.Param, "must not be empty; leave it out")
	case m.Form == schema.Time, m.Form == schema.Day:
		value = strings.Replace(value, " ", "+", 1)
	}
	into.SetString(value)
	return nil
}

func (q Query) number(m schema.Member, into reflect.Value) *errs.Error {
	text := q.orDefault(m)
	if text == "" && !q.Has(m.Param) {
		return nil
	}
	n, ok := Count(text)
	if !ok || n < *m.Min || n > *m.Max {
		if said := schema.FormOf(m.Form).Otherwise; said != "" {
			return BadParameter(m.Param, said)
		}
		return BadParameter(m.Param, fmt.Sprintf("must be an integer from %d to %d", *m.Min, *m.Max))
	}
	into.SetInt(n)
	return nil
}

func (q Query) orDefault(m schema.Member) string {
	if q.Has(m.Param) {
		return q.Get(m.Param)
	}
	return m.Default
}

func (q Query) flag(m schema.Member, into reflect.Value) *errs.Error {
	value := q.orDefault(m)
	if value != "true" && value != "false" {
		return BadParameter(m.Param, "must be true or false")
	}
	into.SetBool(value == "true")
	return nil
}

func (q Query) words(m schema.Member, into reflect.Value) *errs.Error {
	list, bad := q.list(m.Param)
	if bad == nil {
		into.Set(reflect.ValueOf(list))
	}
	return bad
}

// list returns the words of a parameter; one that is there has some.
func (q Query) list(name string) (out []string, bad *errs.Error) {
	for _, word := range strings.Split(strings.Join(q.values[name], ","), ",") {
		if word = strings.TrimSpace(word); word != "" {
			out = append(out, word)
		}
	}
	if q.Has(name) && out == nil {
		return nil, BadParameter(name, "must have words between commas")
	}
	return out, nil
}

// pairs reads such as product:griot,team:core.
func (q Query) pairs(m schema.Member, into reflect.Value) *errs.Error {
	list, bad := q.list(m.Param)
	if list == nil {
		return bad
	}
	pairs := map[string]string{}
	for _, pair := range list {
		key, value, ok := strings.Cut(pair, ":")
		if key, value = strings.TrimSpace(key), strings.TrimSpace(value); !ok || key == "" || value == "" {
			return BadParameter(m.Param, "must have pairs such as product:griot")
		}
		pairs[key] = value
	}
	into.Set(reflect.ValueOf(pairs))
	return nil
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

// Filter returns a parameter that narrows a list, or "" when it is not there.
// An empty one is an error: it would widen the list instead.
func (q Query) Filter(name string) (string, error) {
	if q.Has(name) && q.Get(name) == "" {
		return "", BadParameter(name, "must not be empty; leave it out")
	}
	return q.Get(name), nil
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
