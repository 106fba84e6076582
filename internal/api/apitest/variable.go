package apitest

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// variables are what $NAME and ${NAME} stand for.
type variables map[string]string

var variable = regexp.MustCompile(`\$(?:([A-Z][A-Z0-9_]*)|\{([^}]*)\})`)

// expand replaces variables; any other dollar sign stands for itself.
// ${now+90m} is a time, ${255 x} a text of so many characters.
func (v variables) expand(s string) (string, error) {
	var failed error
	out := variable.ReplaceAllStringFunc(s, func(found string) string {
		value, err := v.value(strings.Trim(found, "${}"))
		if err != nil {
			failed = err
		}
		return value
	})
	return out, failed
}

func (v variables) value(name string) (string, error) {
	if value, ok := v[name]; ok {
		return value, nil
	}
	if shift, ok := strings.CutPrefix(name, "now"); ok {
		d, err := time.ParseDuration(shift)
		return time.Now().Add(d).UTC().Format(time.RFC3339), err
	}
	if count, text, ok := strings.Cut(name, " "); ok {
		n, err := strconv.Atoi(count)
		return strings.Repeat(text, n), err
	}
	return "", fmt.Errorf("$%s has no value", name)
}
