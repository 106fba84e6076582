package apitest

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
)

var errNoMember = errors.New("there is no such member")

var pathPart = regexp.MustCompile(`\.([A-Za-z_][\w-]*)|\[(-?\d*)\]|^\.`)

// lookup follows a path like .data[0].id; [-1] is the last element, and []
// goes into all of them.
func lookup(v any, path string) (any, error) {
	parts := pathPart.FindAllStringSubmatch(path, -1)
	for i, part := range parts {
		if strings.HasSuffix(part[0], "[]") {
			return lookupAll(v, parts[i+1:])
		}
		var err error
		if v, err = follow(v, part); err != nil {
			return nil, err
		}
	}
	return v, nil
}

func lookupAll(v any, rest [][]string) (any, error) {
	list, ok := v.([]any)
	if !ok {
		return nil, errNoMember
	}
	path := ""
	for _, part := range rest {
		path += part[0]
	}
	out := make([]any, len(list))
	for i, elem := range list {
		var err error
		if out[i], err = lookup(elem, path); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func follow(v any, part []string) (any, error) {
	if part[2] == "" {
		object, _ := v.(map[string]any)
		member, ok := object[part[1]]
		if part[1] == "" {
			return v, nil // the dot before an index
		}
		if !ok {
			return nil, errNoMember
		}
		return member, nil
	}
	list, _ := v.([]any)
	i, err := strconv.Atoi(part[2])
	if i < 0 {
		i += len(list)
	}
	if err != nil || i < 0 || i >= len(list) {
		return nil, errNoMember
	}
	return list[i], nil
}
