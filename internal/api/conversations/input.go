package conversations

import (
	"maps"
	"slices"
	"strings"

	"griot/internal/api"
	"griot/internal/errs"
)

// fallbackLimit is how many entries an answer has unless the client says.
const fallbackLimit = 20

// or is the number that a body gives, or fallback.
func or(n *int, fallback int) int {
	if n == nil {
		return fallback
	}
	return *n
}

// maxCount leaves room for reckoning with a parameter.
const maxCount = 1 << 40

// count reads a parameter that is an integer ≥ 0; 0 when it is not there.
func count(q api.Query, name string) (int, error) {
	if !q.Has(name) {
		return 0, nil
	}
	n, ok := api.Count(q.Get(name))
	if !ok || n > maxCount {
		return 0, api.BadParameter(name, "must be an integer of at least 0, and not far beyond what there can be")
	}
	return int(n), nil
}

// window reads limit and offset.
func window(q api.Query, most int) (limit, offset int, err error) {
	if limit, err = q.Limit(fallbackLimit, most); err != nil {
		return 0, 0, err
	}
	offset, err = count(q, "offset")
	return limit, offset, err
}

// filters reads parameters that narrow a list into their fields.
func filters(q api.Query, fields map[string]*string) error { return read(fields, q.Filter) }

// times reads those that are times.
func times(q api.Query, fields map[string]*string) error { return read(fields, q.Time) }

func read(fields map[string]*string, parameter func(name string) (string, error)) error {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		var err error
		if *fields[name], err = parameter(name); err != nil {
			return err
		}
	}
	return nil
}

// words reads a list that clients send as words between commas, or as several
// parameters.
func words(q api.Query, name string) ([]string, error) {
	var out []string
	for _, word := range strings.Split(strings.Join(q.All(name), ","), ",") {
		if word = strings.TrimSpace(word); word != "" {
			out = append(out, word)
		}
	}
	if q.Has(name) && out == nil {
		return nil, api.BadParameter(name, "must have words between commas")
	}
	return out, nil
}

// scope reads pairs such as product:griot,team:core.
func scope(q api.Query) (map[string]string, error) {
	list, err := words(q, "scope")
	if err != nil || list == nil {
		return nil, err
	}
	pairs := map[string]string{}
	for _, pair := range list {
		key, value, ok := strings.Cut(pair, ":")
		if key, value = strings.TrimSpace(key), strings.TrimSpace(value); !ok || key == "" || value == "" {
			return nil, api.BadParameter("scope", "must have pairs such as product:griot")
		}
		pairs[key] = value
	}
	return pairs, nil
}

// given is the value of a member of a body, "" when it is not there. An empty
// one is an error: it would mean something else than what was asked for.
func given(fields map[string]*string) error {
	for name, value := range fields {
		if value != nil && *value == "" {
			return errs.Invalid(name, "invalid", "must not be empty; leave it out")
		}
	}
	return nil
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// oneOf checks a word of the query; "" is none.
func oneOf(name, value string, values []string) error {
	if value == "" || slices.Contains(values, value) {
		return nil
	}
	return api.BadParameter(name, "must be one of "+strings.Join(values, ", "))
}
