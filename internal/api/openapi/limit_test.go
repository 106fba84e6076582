package openapi_test

import (
	"slices"
)

// rateLimits are the headers of every answer to a key that is known.
var rateLimits = []string{"Limit", "Remaining", "Reset", "Bucket"}

// limited adds to an operation that wants a key what limits bring with them.
func (g *generator) limited(op mapping) {
	at := index(op, "responses")
	responses := slices.Clone(op[at].Value.(mapping))
	for i, item := range responses {
		if response := item.Value.(mapping); index(response, "$ref") < 0 {
			responses[i].Value = withRateLimits(response)
		}
	}
	over := entry{Key: "429", Value: mapping{{Key: "$ref", Value: "#/components/responses/RateLimited"}}}
	before := slices.IndexFunc(responses, func(item entry) bool { return item.Key > "429" }) // default, too
	if before < 0 {
		before = len(responses)
	}
	op[at].Value = slices.Insert(responses, before, over)
}

// limitedErrors adds the headers to the errors that operations refer to, but
// for those of requests whose key is not known.
func (g *generator) limitedErrors() {
	components := g.doc[index(g.doc, "components")].Value.(mapping)
	responses := components[index(components, "responses")].Value.(mapping)
	for i, item := range responses {
		if item.Key != "Unauthenticated" {
			responses[i].Value = withRateLimits(item.Value.(mapping))
		}
	}
}

func withRateLimits(response mapping) mapping {
	var headers mapping
	at := index(response, "headers")
	if at >= 0 {
		headers = slices.Clone(response[at].Value.(mapping))
	}
	for _, name := range rateLimits {
		headers = append(headers, entry{Key: "X-RateLimit-" + name, Value: mapping{{Key: "$ref", Value: "#/components/headers/RateLimit" + name}}})
	}
	response = slices.Clone(response)
	if at >= 0 {
		response[at].Value = headers
		return response
	}
	return slices.Insert(response, 1, entry{Key: "headers", Value: headers}) // behind the description
}
