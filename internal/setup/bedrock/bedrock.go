// Package bedrock opens the foundation model of Amazon Bedrock that a function
// is given.
package bedrock

import (
	"griot/internal/llm"
	"griot/internal/llm/bedrock"
	"griot/internal/setup"
)

// Model is the one that the environment names, nil if it names none.
// AWS_ENDPOINT_URL_BEDROCK_RUNTIME leads elsewhere.
func Model(c setup.Config) llm.Model {
	if c.BedrockModel == "" {
		return nil
	}
	base := setup.Must(c.Endpoint("Bedrock Runtime"))
	return bedrock.New(c.AWS, setup.PatientClient(), base, c.BedrockModel)
}
