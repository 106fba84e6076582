package transcriber_test

import (
	"testing"

	"griot/internal/setup"
	"griot/internal/setup/transcriber"
)

func TestEngineIsChosenByTheEnvironment(t *testing.T) {
	for value, want := range map[string]struct {
		engine string
		events int
	}{
		"": {}, "none": {}, "amazon": {"amazon", 1}, "https://speech.example/v1": {"openai", 0},
	} {
		env := map[string]string{
			"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret", "GRIOT_BUCKET": "b",
			"GRIOT_TRANSCRIBER": value, "GRIOT_TRANSCRIBE_LANGUAGE": "en-GB", "GRIOT_TRANSCRIBE_VOCABULARY": "kilns",
		}
		c, err := setup.Load(func(name string) string { return env[name] })
		if err != nil {
			t.Fatal(err)
		}
		engine, events := transcriber.Open(c, nil, nil)
		if (engine == nil) != (want.engine == "") || engine != nil && engine.Name() != want.engine || len(events) != want.events {
			t.Errorf("%q opens %v with %d kinds of events", value, engine, len(events))
		}
	}
}
