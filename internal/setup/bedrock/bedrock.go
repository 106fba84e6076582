// Package bedrock opens the foundation model of Amazon Bedrock that a function
// is given.
package bedrock

import (
	"time"

	"griot/internal/budget"
	"griot/internal/llm"
	"griot/internal/llm/bedrock"
	"griot/internal/setup"
	"griot/internal/table"
)

// Model is the one that the environment names, nil if it names none. What is
// spent on it is in the table of sessions. AWS_ENDPOINT_URL_BEDROCK_RUNTIME
// leads elsewhere.
func Model(c setup.Config, sessions table.Store) llm.Model {
	if c.BedrockModel == "" {
		return nil
	}
	base := setup.Must(c.Endpoint("Bedrock Runtime"))
	limit := budget.Limit{Table: sessions, Now: time.Now, TokensPerDay: c.MaxTokensPerDay}
	return llm.Patient(limit.Guard(bedrock.New(c.AWS, setup.PatientClient(), base, c.BedrockModel)))
}
