// Package template reads of template.yaml what the table of infra/stack does
// not say: the answers that the gateway makes itself, and what parameters are
// when nobody sets them. It evaluates nothing.
package template

import (
	"fmt"
	"strings"
)

// Template is a file as it is written.
type Template struct{ top object }

// Load reads a template's file.
func Load(file string) (Template, error) {
	top, err := parseFile(file)
	if err != nil {
		return Template{}, fmt.Errorf("reading the template: %w", err)
	}
	return Template{top}, nil
}

// At returns what lies under the names, nil if there is nothing. Intrinsic
// functions are in their long form, {"Ref": …} and {"Fn::Sub": …}.
func (t Template) At(names ...string) any { return dig(t.top, names...) }

// Defaults are the parameters that have one.
func (t Template) Defaults() map[string]string {
	out := map[string]string{}
	parameters, _ := t.At("Parameters").(object)
	for name, p := range parameters {
		if v := dig(p, "Default"); v != nil {
			out[name] = fmt.Sprint(v)
		}
	}
	return out
}

// API is the REST API.
type API struct {
	Stage       string
	BinaryTypes []string            // media types whose bodies are bytes
	Responses   map[string]Response // by type, such as MISSING_AUTHENTICATION_TOKEN
}

// Response is an answer that the gateway itself makes. Body has $context
// variables.
type Response struct {
	Status  int // 0: that of the type
	Headers map[string]string
	Body    string
}

// API is the resource Api.
func (t Template) API() API {
	api := API{Stage: t.Defaults()["Stage"], Responses: map[string]Response{}}
	media, _ := t.At("Resources", "Api", "Properties", "BinaryMediaTypes").([]any)
	for _, m := range media {
		api.BinaryTypes = append(api.BinaryTypes, strings.ReplaceAll(fmt.Sprint(m), "~1", "/"))
	}
	responses, _ := t.At("Resources", "Api", "Properties", "GatewayResponses").(object)
	for name, r := range responses {
		api.Responses[name] = response(r)
	}
	return api
}

func response(v any) Response {
	r := Response{Headers: map[string]string{}}
	if status, ok := dig(v, "StatusCode").(int64); ok {
		r.Status = int(status)
	}
	r.Body, _ = dig(v, "ResponseTemplates", "application/json").(string)
	headers, _ := dig(v, "ResponseParameters", "Headers").(object)
	for name, value := range headers {
		// A constant stands in quotes; what is mapped from the request is not
		// needed here.
		if constant := fmt.Sprint(value); strings.HasPrefix(constant, "'") {
			r.Headers[name] = strings.Trim(constant, "'")
		}
	}
	return r
}

// dig returns what lies under the names, or nil.
func dig(v any, names ...string) any {
	for _, name := range names {
		o, _ := v.(object)
		v = o[name]
	}
	return v
}
