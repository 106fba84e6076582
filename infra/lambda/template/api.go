package template

import (
	"strings"
)

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

func (t *Template) readAPI(s *scope) error {
	for _, id := range s.ofType("AWS::Serverless::Api") {
		p, err := s.properties(id, "StageName", "BinaryMediaTypes", "GatewayResponses")
		if err != nil {
			return err
		}
		t.API = API{Stage: text(p["StageName"]), Responses: map[string]Response{}}
		for _, media := range texts(p["BinaryMediaTypes"]) {
			t.API.BinaryTypes = append(t.API.BinaryTypes, strings.ReplaceAll(media, "~1", "/"))
		}
		responses, _ := p["GatewayResponses"].(object)
		for name, r := range responses {
			t.API.Responses[name] = response(r)
		}
	}
	return nil
}

func response(v any) Response {
	r := Response{Status: int(number(dig(v, "StatusCode"))), Headers: map[string]string{}}
	r.Body = text(dig(v, "ResponseTemplates", "application/json"))
	headers, _ := dig(v, "ResponseParameters", "Headers").(object)
	for name, value := range headers {
		// A constant stands in quotes; what is mapped from the request is not
		// needed here.
		if constant := text(value); strings.HasPrefix(constant, "'") {
			r.Headers[name] = strings.Trim(constant, "'")
		}
	}
	return r
}
