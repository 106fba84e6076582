package setup_test

import (
	"testing"
	"time"

	"griot/internal/setup"
)

func load(pairs map[string]string) (setup.Config, error) {
	env := map[string]string{"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret"}
	return setup.Load(func(name string) string {
		if value, given := pairs[name]; given {
			return value
		}
		return env[name]
	})
}

func TestNumbersOfTheEnvironment(t *testing.T) {
	numbers := map[string]func(setup.Config) int64{
		"GRIOT_MAX_TOKENS_PER_DAY":  func(c setup.Config) int64 { return c.MaxTokensPerDay },
		"GRIOT_MAX_MINUTES_PER_DAY": func(c setup.Config) int64 { return c.MaxMinutesPerDay },
		"GRIOT_TRANSCRIBER_MAX_MB":  func(c setup.Config) int64 { return c.Transcriber.MaxBytes >> 20 },
		"GRIOT_KEEP_MEDIA_DAYS":     func(c setup.Config) int64 { return int64(c.KeepMedia / (24 * time.Hour)) },
	}
	for variable, read := range numbers {
		for value, want := range map[string]int64{"": 0, "0": 0, "90": 90, "-1": -1, "5e6": -1, "many": -1, "9223372036854775808": -1} {
			c, err := load(map[string]string{variable: value})
			if (err != nil) != (want < 0) || err == nil && read(c) != want {
				t.Errorf("%s=%q is %d, %v", variable, value, read(c), err)
			}
		}
	}
	for _, variable := range []string{"GRIOT_TRANSCRIBER_MAX_MB", "GRIOT_KEEP_MEDIA_DAYS"} {
		if _, err := load(map[string]string{variable: "9223372036854775807"}); err == nil {
			t.Errorf("%s is taken in units that do not hold it", variable)
		}
	}
}
