package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"griot/internal/errs"
)

// Decode reads a JSON object into a struct. Unknown members are ignored, and
// null is the same as an absent one. What is not one JSON object is
// Malformed; members of a wrong type are InvalidArgument, all of them named
// by their paths.
func Decode(body []byte, into any) error {
	trimmed := bytes.TrimLeft(body, " \t\r\n")
	switch {
	case len(trimmed) == 0:
		return errs.New(errs.Malformed, "the body is empty: send a JSON object")
	case !utf8.Valid(body):
		return errs.New(errs.Malformed, "the body is not valid UTF-8")
	case trimmed[0] != '{' && json.Valid(body):
		return errs.New(errs.Malformed, "the body is not a JSON object")
	}
	err := json.Unmarshal(body, into)
	var syntax *json.SyntaxError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &syntax):
		return errs.Wrap(errs.Malformed, err, "the body is not valid JSON: %v (at byte %d)", syntax, syntax.Offset)
	}
	return wrongTypes(body, reflect.TypeOf(into).Elem(), err)
}

// wrongTypes looks for every member of a wrong type, because encoding/json
// names one only, and without its place in a list.
func wrongTypes(body []byte, t reflect.Type, cause error) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return errs.Wrap(errs.Malformed, err, "the body is not valid JSON")
	}
	var found mismatches
	found.value("", t, v)
	if len(found) == 0 {
		found = unplaced(cause)
	}
	e := errs.Wrap(errs.InvalidArgument, cause, "the body has members of a wrong type")
	e.Fields = found
	if len(found) == 1 {
		e.Message = found[0].Message
	}
	return e
}

// unplaced names what a second look does not find: a member that is there
// twice, or in other letter case.
func unplaced(cause error) mismatches {
	field := "body"
	var wrong *json.UnmarshalTypeError
	if errors.As(cause, &wrong) && wrong.Field != "" {
		field = wrong.Field
	}
	return mismatches{{Field: field, Code: "invalid", Message: field + " is of a wrong type"}}
}

// maxMismatches bounds errors[]: a batch may have the same mistake everywhere.
const maxMismatches = 20

type mismatches []errs.Field

func (m *mismatches) value(path string, t reflect.Type, v any) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if v == nil || len(*m) == maxMismatches {
		return
	}
	object, isObject := v.(map[string]any)
	list, isList := v.([]any)
	switch {
	case t.Kind() == reflect.Struct && isObject:
		m.object(path, t, object)
	case t.Kind() == reflect.Map && isObject:
		for _, name := range slices.Sorted(maps.Keys(object)) {
			m.value(path+"."+name, t.Elem(), object[name])
		}
	case t.Kind() == reflect.Slice && isList:
		for i, elem := range list {
			m.value(fmt.Sprintf("%s[%d]", path, i), t.Elem(), elem)
		}
	case !fits(t, v):
		*m = append(*m, errs.Field{Field: path, Code: "invalid", Message: path + " must be " + nameOf(t)})
	}
}

func (m *mismatches) object(path string, t reflect.Type, object map[string]any) {
	for field := range t.Fields() {
		if field.Anonymous {
			m.object(path, field.Type, object)
			continue
		}
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		m.value(strings.TrimPrefix(path+"."+name, "."), field.Type, object[name])
	}
}

func fits(t reflect.Type, v any) bool {
	switch v := v.(type) {
	case string:
		return t.Kind() == reflect.String
	case bool:
		return t.Kind() == reflect.Bool
	case json.Number:
		return fitsNumber(t, v)
	}
	return false
}

func fitsNumber(t reflect.Type, n json.Number) bool {
	switch t.Kind() {
	case reflect.Int, reflect.Int64:
		_, err := strconv.ParseInt(n.String(), 10, 64)
		return err == nil
	case reflect.Float64:
		_, err := n.Float64()
		return err == nil
	}
	return false
}

func nameOf(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		return "an integer"
	case reflect.Float64:
		return "a number"
	case reflect.Slice:
		return "a list"
	}
	return "an object"
}
