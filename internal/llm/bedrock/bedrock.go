// Package bedrock asks foundation models of Amazon Bedrock, by the Converse
// API. One signed POST is all that is needed of that service: its client would
// add megabytes.
package bedrock

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"griot/internal/llm"
)

// Model is a foundation model, or an inference profile, in one region.
type Model struct {
	id, address string
	config      aws.Config
	client      llm.Doer
	dialect     atomic.Pointer[dialect] // what the model was found to take
}

// New returns the model of an id or ARN. base is the endpoint of Bedrock
// Runtime, "" for that of the region. Requests are signed with the
// configuration's credentials and sent by client.
func New(config aws.Config, client llm.Doer, base, id string) *Model {
	if base == "" {
		base = "https://bedrock-runtime." + config.Region + ".amazonaws.com"
	}
	m := &Model{id: id, address: base + "/model/" + url.PathEscape(id) + "/converse", config: config, client: client}
	m.dialect.Store(&dialect{noCache: !caches(id)})
	return m
}

// ID returns the id or ARN.
func (m *Model) ID() string { return m.id }

// Ask asks once, or, until it is known what the model takes, once for each
// thing that it refuses.
func (m *Model) Ask(ctx context.Context, r llm.Request) (llm.Answer, error) {
	for d := *m.dialect.Load(); ; {
		resp, err := m.post(ctx, d.body(r))
		if err != nil {
			return llm.Answer{}, err
		}
		if resp.Status == http.StatusOK {
			m.dialect.Store(&d)
			return read(resp.Body)
		}
		no := refusal(resp)
		next, ok := d.without(no)
		if !ok {
			return llm.Answer{}, no.failure()
		}
		d = next
	}
}

func (m *Model) post(ctx context.Context, body []byte) (llm.Response, error) {
	sum := sha256.Sum256(body)
	return llm.Post(ctx, m.client, func(ctx context.Context) (*http.Request, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, m.address, bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		req.Header.Set("Content-Type", "application/json")
		credentials, err := m.config.Credentials.Retrieve(ctx)
		if err != nil {
			return nil, fmt.Errorf("getting credentials: %w", err)
		}
		err = v4.NewSigner().SignHTTP(ctx, credentials, req, hex.EncodeToString(sum[:]), "bedrock", m.config.Region, time.Now())
		return req, err
	})
}
