package openapi_test

import (
	"fmt"
	"slices"

	"github.com/goccy/go-yaml"
)

// rateLimits are the headers of every answer to a key that is known.
var rateLimits = []string{"Limit", "Remaining", "Reset", "Bucket"}

// limited adds to an operation that wants a key what limits bring with them.
func (g *generator) limited(op yaml.MapSlice) {
	at := index(op, "responses")
	responses := slices.Clone(op[at].Value.(yaml.MapSlice))
	for i, item := range responses {
		if response := item.Value.(yaml.MapSlice); index(response, "$ref") < 0 {
			responses[i].Value = withRateLimits(response)
		}
	}
	over := yaml.MapItem{Key: "429", Value: yaml.MapSlice{{Key: "$ref", Value: "#/components/responses/RateLimited"}}}
	before := slices.IndexFunc(responses, func(item yaml.MapItem) bool { return fmt.Sprint(item.Key) > "429" }) // default, too
	if before < 0 {
		before = len(responses)
	}
	op[at].Value = slices.Insert(responses, before, over)
}

// limitedErrors adds the headers to the errors that operations refer to, but
// for those of requests whose key is not known.
func (g *generator) limitedErrors() {
	components := g.doc[index(g.doc, "components")].Value.(yaml.MapSlice)
	responses := components[index(components, "responses")].Value.(yaml.MapSlice)
	for i, item := range responses {
		if item.Key != "Unauthenticated" {
			responses[i].Value = withRateLimits(item.Value.(yaml.MapSlice))
		}
	}
}

func withRateLimits(response yaml.MapSlice) yaml.MapSlice {
	var headers yaml.MapSlice
	at := index(response, "headers")
	if at >= 0 {
		headers = slices.Clone(response[at].Value.(yaml.MapSlice))
	}
	for _, name := range rateLimits {
		headers = append(headers, yaml.MapItem{Key: "X-RateLimit-" + name, Value: yaml.MapSlice{{Key: "$ref", Value: "#/components/headers/RateLimit" + name}}})
	}
	response = slices.Clone(response)
	if at >= 0 {
		response[at].Value = headers
		return response
	}
	return slices.Insert(response, 1, yaml.MapItem{Key: "headers", Value: headers}) // behind the description
}
