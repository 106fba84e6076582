// Package modelserver is how commands are told of a language model: a server
// that speaks as OpenAI's does, and the model's name there.
package modelserver

import (
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"os"

	"griot/internal/llm"
	"griot/internal/llm/openai"
)

// Options are a command's flags, and the environment's where there are none.
// The zero Options name no model.
type Options struct {
	URL  string // of the server
	Name string // of the model
}

// Flags adds -model-url and -model to a command, which does something with the
// model.
func (o *Options) Flags(fs *flag.FlagSet, something string) {
	fs.StringVar(&o.URL, "model-url", os.Getenv("GRIOT_MODEL_URL"), something+" by a language model at `URL`: a server with /v1/chat/completions, as llama.cpp, Ollama,\nLM Studio, vLLM and OpenAI have it; its key, if it wants one, is in GRIOT_MODEL_KEY (GRIOT_MODEL_URL)")
	fs.StringVar(&o.Name, "model", os.Getenv("GRIOT_MODEL"), "the model's `name` there (GRIOT_MODEL)")
}

// Check says what is wrong with the flags.
func (o Options) Check() error {
	u, err := url.Parse(o.URL)
	switch {
	case o.URL == "" && o.Name != "":
		return errors.New("-model names a model, but no -model-url says where it is served")
	case o.URL != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https"):
		return fmt.Errorf("-model-url %q is not an http or https URL", o.URL)
	case o.URL != "" && o.Name == "":
		return errors.New("-model-url needs -model, the model's name; GET /v1/models lists those of the server")
	}
	return nil
}

// Open returns the model; nil where none is named. A redirect is not followed:
// key and transcript are for the server that was named.
func (o Options) Open() llm.Model {
	if o.URL == "" {
		return nil
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return openai.New(client, o.URL, o.Name, os.Getenv("GRIOT_MODEL_KEY"))
}
