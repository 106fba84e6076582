package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"griot/internal/errs"
	"griot/internal/schema"
)

// Decode reads a JSON object into a struct. Members are known by their exact
// names, others are ignored, and null is the same as an absent one, unless a
// tag says more (see [schema]). What is not one JSON object is Malformed;
// members of a wrong type, known ones that are there twice and those that
// cannot be changed are InvalidArgument, all of them named by their paths.
func Decode(body []byte, into any) error { return decode(body, into, false) }

// decode is Decode; with strict it refuses members that are not known.
func decode(body []byte, into any, strict bool) error {
	if err := checkObject(body); err != nil {
		return err
	}
	d := decoding{strict: strict}
	d.object("", reflect.ValueOf(into).Elem(), bytes.TrimSpace(body))
	return d.result()
}

func checkObject(body []byte) error {
	trimmed := bytes.TrimLeft(body, " \t\r\n")
	switch {
	case len(trimmed) == 0:
		return errs.New(errs.Malformed, "the body is empty: send a JSON object")
	case !utf8.Valid(body):
		return errs.New(errs.Malformed, "the body is not valid UTF-8")
	case json.Valid(body) && trimmed[0] == '{':
		return nil
	case json.Valid(body):
		return errs.New(errs.Malformed, "the body is not a JSON object")
	}
	var syntax *json.SyntaxError
	err := json.Unmarshal(body, &struct{}{})
	if errors.As(err, &syntax) {
		return errs.Wrap(errs.Malformed, err, "the body is not valid JSON: %v (at byte %d)", syntax, syntax.Offset)
	}
	return errs.Wrap(errs.Malformed, err, "the body is not valid JSON")
}

// maxFaults bounds errors[]: a batch may have the same mistake everywhere.
const maxFaults = 20

// decoding fills a value from JSON that is valid, and gathers what does not
// fit.
type decoding struct {
	strict bool
	faults []errs.Field
}

func (d *decoding) fault(path, format string, args ...any) {
	d.faultOf("invalid", path, format, args...)
}

func (d *decoding) faultOf(code, path, format string, args ...any) {
	if len(d.faults) < maxFaults {
		d.faults = append(d.faults, errs.Field{Field: path, Code: code, Message: path + " " + fmt.Sprintf(format, args...)})
	}
}

func (d *decoding) result() error {
	if len(d.faults) == 0 {
		return nil
	}
	return &errs.Error{Kind: errs.InvalidArgument, Message: messages(d.faults), Fields: d.faults}
}

func messages(faults []errs.Field) string {
	all := make([]string, len(faults))
	for i, f := range faults {
		all[i] = f.Message
	}
	return strings.Join(all, "; ")
}

func (d *decoding) object(path string, into reflect.Value, raw []byte) {
	known, fixed := schema.Members(into.Type()), schema.Fixed(into.Type())
	setDefaults(known, into)
	var seen, given []string
	for name, value := range members(raw) {
		i := slices.IndexFunc(known, func(m schema.Member) bool { return m.Name == name })
		switch at := below(path, name); {
		case slices.Contains(fixed, name):
			d.fault(at, "cannot be changed")
		case i < 0 && d.strict:
			d.fault(at, "is not known here")
		case i < 0:
		case slices.Contains(seen, name):
			d.fault(at, "is there twice")
		default:
			seen = append(seen, name)
			if value[0] != 'n' { // null
				given = append(given, name)
			}
			d.member(at, known[i].Rules, into.FieldByIndex(known[i].Index), value)
		}
	}
	for _, name := range schema.Needs(into.Type()) {
		if !slices.Contains(given, name) {
			d.faultOf("required", below(path, name), "is required")
		}
	}
	for _, m := range known { // whether there is a text is judged with what it says
		if m.Required && m.Type.Kind() == reflect.Int64 && !slices.Contains(given, m.Name) {
			d.faultOf("required", below(path, m.Name), "is required")
		}
	}
}

func below(path, name string) string { return strings.TrimPrefix(path+"."+name, ".") }

// setDefaults gives numbers what they are when a body does not say it.
func setDefaults(known []schema.Member, into reflect.Value) {
	for _, m := range known {
		if m.Default != "" && m.Type.Kind() == reflect.Int {
			n, _ := strconv.ParseInt(m.Default, 10, 64) // a test reads all tags
			into.FieldByIndex(m.Index).SetInt(n)
		}
	}
}

func (d *decoding) member(path string, r schema.Rules, into reflect.Value, raw []byte) {
	switch {
	case raw[0] != 'n': // null
		d.value(path, into, raw)
	case r.Nullable:
		into.Set(reflect.New(into.Type().Elem()))
	}
	if r.Given && string(raw) == `""` {
		d.fault(path, "must not be empty; leave it out")
	}
}

// value reads anything but null.
func (d *decoding) value(path string, into reflect.Value, raw []byte) {
	switch kind := into.Kind(); {
	case kind == reflect.Pointer:
		into.Set(reflect.New(into.Type().Elem()))
		d.value(path, into.Elem(), raw)
	case kind == reflect.Struct && raw[0] == '{':
		d.object(path, into, raw)
	case kind == reflect.Map && raw[0] == '{':
		d.pairs(path, into, raw)
	case kind == reflect.Slice && raw[0] == '[':
		d.list(path, into, raw)
	case !scalar(into, raw):
		d.fault(path, "must be %s", nameOf(into.Type()))
	}
}

func (d *decoding) pairs(path string, into reflect.Value, raw []byte) {
	into.Set(reflect.MakeMap(into.Type()))
	for name, value := range members(raw) {
		switch key := reflect.ValueOf(name); {
		case value[0] == 'n': // null
		case into.MapIndex(key).IsValid():
			d.fault(path+"."+name, "is there twice")
		default:
			elem := reflect.New(into.Type().Elem()).Elem()
			d.value(path+"."+name, elem, value)
			into.SetMapIndex(key, elem)
		}
	}
}

func (d *decoding) list(path string, into reflect.Value, raw []byte) {
	out := reflect.MakeSlice(into.Type(), 0, 0)
	for elem := range elements(raw) {
		n := out.Len()
		out = reflect.Append(out, reflect.Zero(into.Type().Elem()))
		d.value(fmt.Sprintf("%s[%d]", path, n), out.Index(n), elem)
	}
	into.Set(out)
}

// scalar reads a string, a truth value or a number, if it is what is wanted.
func scalar(into reflect.Value, raw []byte) bool {
	switch into.Kind() {
	case reflect.String:
		if raw[0] != '"' {
			return false
		}
		into.SetString(unquote(raw))
		return true
	case reflect.Bool:
		into.SetBool(raw[0] == 't')
		return raw[0] == 't' || raw[0] == 'f'
	case reflect.Int, reflect.Int64:
		n, ok := integer(raw)
		into.SetInt(n)
		return ok
	case reflect.Float64:
		n, err := strconv.ParseFloat(string(raw), 64)
		into.SetFloat(n)
		return err == nil
	}
	return false
}

// integer reads a whole number, however it is written: 22, 22.0 or 2.2e1.
func integer(raw []byte) (int64, bool) {
	if n, err := strconv.ParseInt(string(raw), 10, 64); err == nil {
		return n, true
	}
	const exact = 1 << 53
	f, err := strconv.ParseFloat(string(raw), 64)
	return int64(f), err == nil && f == math.Trunc(f) && -exact <= f && f <= exact
}

func nameOf(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return nameOf(t.Elem())
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
