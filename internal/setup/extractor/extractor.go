// Package extractor chooses the extractor of a function, and asks a foundation
// model of Amazon Bedrock. One signed POST is all that is needed of that
// service: its client would add megabytes.
package extractor

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"griot/internal/extraction"
	"griot/internal/extraction/bedrock"
	"griot/internal/extraction/rules"
	"griot/internal/setup"
)

const (
	tries   = 4
	timeout = 2 * time.Minute // of one answer
)

// Chosen returns that of the model which the environment names, or else
// the rules.
func Chosen(c setup.Config) extraction.Extractor {
	if id := c.BedrockModel; id != "" {
		return bedrock.Extractor(id, Converse(c, id))
	}
	return rules.Extractor()
}

// Converse returns how to ask a model by its id. AWS_ENDPOINT_URL_BEDROCK_RUNTIME
// leads elsewhere. Throttling and failures of the service are tried again,
// after 1, 2 and 4 seconds.
func Converse(c setup.Config, id string) bedrock.Send {
	base := setup.Must(c.Endpoint("Bedrock Runtime"))
	if base == "" {
		base = "https://bedrock-runtime." + c.AWS.Region + ".amazonaws.com"
	}
	address := base + "/model/" + url.PathEscape(id) + "/converse"
	return func(ctx context.Context, body []byte) ([]byte, error) {
		for try := 0; ; try++ {
			answer, again, err := post(ctx, c, address, body)
			if err == nil || !again || try == tries-1 {
				return answer, err
			}
			select {
			case <-ctx.Done():
				return nil, ctx.Err()
			case <-time.After(time.Second << try):
			}
		}
	}
}

// post sends once; again says whether another try can help.
func post(ctx context.Context, c setup.Config, address string, body []byte) (answer []byte, again bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, false, err
	}
	req.Header.Set("Content-Type", "application/json")
	credentials, err := c.AWS.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, false, err
	}
	sum := sha256.Sum256(body)
	if err := v4.NewSigner().SignHTTP(ctx, credentials, req, hex.EncodeToString(sum[:]), "bedrock", c.AWS.Region, time.Now()); err != nil {
		return nil, false, fmt.Errorf("signing: %w", err)
	}
	resp, err := c.AWS.HTTPClient.Do(req)
	if err != nil {
		return nil, true, err
	}
	defer resp.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(resp.Body, bedrock.MaxAnswer+1))
	switch {
	case err != nil:
		return nil, true, err
	case resp.StatusCode != http.StatusOK: // the body may quote the transcript
		return nil, resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode >= 500,
			fmt.Errorf("bedrock answered %s (%s)", resp.Status, resp.Header.Get("X-Amzn-Errortype"))
	case len(answer) > bedrock.MaxAnswer:
		return nil, false, fmt.Errorf("bedrock answered more than %d bytes", bedrock.MaxAnswer)
	}
	return answer, false, nil
}
