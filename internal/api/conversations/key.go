package conversations

import (
	"net/http"
	"reflect"
	"strconv"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/idempotency"
	"griot/internal/limit"
	"griot/internal/schema"
	"griot/internal/timestamp"
)

// keyResponse describes a key. The part before the dot is its id and its
// prefix.
type keyResponse struct {
	ID    string `json:"id"`
	Label string `json:"label"`
	// The part before the dot, as id.
	Prefix string `json:"prefix"`
	// What the key may do; `*` is all that there is and will be, and only
	// operators give it.
	Scopes    []access.Scope `json:"scopes" is:"1.."`
	CreatedAt stamp          `json:"createdAt"`
	// The id of the key that made it or, when that was deleted, of the key that
	// had made that one; `operator`; or null for a key that is older than this
	// note.
	CreatedBy *string `json:"createdBy"`
	ExpiresAt *stamp  `json:"expiresAt"`
	// The beginning of the hour in which the key was last used; null when it
	// never was.
	LastUsedAt *stamp `json:"lastUsedAt"`
}

func newKeyResponse(k access.Key) keyResponse {
	return keyResponse{
		ID: k.ID, Label: k.Label, Prefix: k.ID, Scopes: k.Scopes, CreatedAt: stamp(k.CreatedAt), CreatedBy: text(k.CreatedBy),
		ExpiresAt: optional(k.ExpiresAt), LastUsedAt: optional(k.LastUsedAt),
	}
}

// ListKeys is GET /api/apikeys.
func ListKeys(dir *access.Directory) api.Endpoint {
	return list("apikeys-list", access.APIKeysManage, "/api/apikeys", func(r *http.Request, p access.Principal, _ struct{}) (envelope[[]keyResponse], error) {
		keys, err := dir.Keys(r.Context(), p)
		return envelope[[]keyResponse]{each(keys, newKeyResponse)}, err
	})
}

type createKeyRequest struct {
	access.KeyInput // its label
	// A time or a date. Unless given, and at the latest, when the key expires
	// that makes this one.
	ExpiresAt *string `json:"expiresAt" is:"as:day"`
	// `read` is all `…:read`, `write` those and all `…:write`, `admin` also
	// `api_keys:manage`.
	Scopes []access.Level `json:"scopes" is:"1.."`
}

type keyCreatedResponse envelope[issuedKey]

type issuedKey struct {
	// Null in an answer that is a stored one.
	APIKey  *string     `json:"apiKey"`
	KeyInfo keyResponse `json:"keyInfo"`
}

// CreateKey is POST /api/apikeys. The body may be left out.
func CreateKey(dir *access.Directory) api.Endpoint {
	return api.Post[createKeyRequest, access.IssuedKey]{
		Name: "apikeys-create", Path: "/api/apikeys", Class: limit.Heavy, BodyOptional: true, Needs: access.APIKeysManage, Shape: reflect.TypeFor[keyCreatedResponse](),
		Do: func(r *http.Request, p access.Principal, req createKeyRequest, claim *idempotency.Claim) (access.IssuedKey, error) {
			in, err := req.input()
			if err != nil {
				return access.IssuedKey{}, err
			}
			return dir.IssueKey(r.Context(), p, in, claim)
		},
		Keep: func(k access.IssuedKey) access.IssuedKey {
			k.Credential = ""
			return k
		},
		Answer: func(k access.IssuedKey) (idempotency.Answer, error) {
			return api.JSONAnswer(http.StatusCreated, keyCreatedResponse{issuedKey{text(k.Credential), newKeyResponse(k.Key)}})
		},
	}.Endpoint()
}

func (req createKeyRequest) input() (access.KeyInput, error) {
	in := req.KeyInput
	var bad schema.Problems
	bad.Check(req)
	for _, l := range req.Scopes {
		in.Scopes = append(in.Scopes, l.Scopes()...)
	}
	if req.ExpiresAt != nil {
		at, err := timestamp.From(*req.ExpiresAt)
		if err != nil {
			bad.Invalid("expiresAt", "invalid", "must be an ISO 8601 time or date, such as 2026-12-31T00:00:00Z")
		}
		in.ExpiresAt = at
	}
	return in, bad.Result()
}

type deleteKeyQuery struct {
	// Whether the keys go too that this key made, and those that they made, and
	// so on.
	Descendants bool `json:"descendants" default:"false"`
}

// DeleteKey is DELETE /api/apikeys/{id}. It knows no other parameter than one:
// whoever misspells that means to delete more than would be.
func DeleteKey(dir *access.Directory) api.Endpoint {
	return api.Listing(api.Endpoint{
		Name: "apikeys-delete", Method: http.MethodDelete, Path: "/api/apikeys/{id}", Needs: access.APIKeysManage,
	}, func(w http.ResponseWriter, r *http.Request, p access.Principal, q deleteKeyQuery) error {
		n, err := dir.DeleteKey(r.Context(), p, r.PathValue("id"), access.Descendants(q.Descendants))
		if err != nil {
			return err
		}
		w.Header().Set("Griot-Descendants", strconv.Itoa(n))
		w.WriteHeader(http.StatusNoContent)
		return nil
	})
}
