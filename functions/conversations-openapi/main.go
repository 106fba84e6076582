// Function conversations-openapi serves GET /api/openapi.json.
package main

import (
	"griot/internal/api"
	"griot/internal/api/openapi"
	"griot/internal/lambdafn"
)

func main() {
	lambdafn.API(api.Handler(api.Config{}, openapi.ConversationsEndpoint()))
}
