package sessions

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"

	"griot/internal/access"
	"griot/internal/api"
	"griot/internal/blob"
	"griot/internal/idempotency"
	"griot/internal/limit"
	"griot/internal/session/upload"
)

// uploadResponse has upload_url and headers only while the upload waits for
// its bytes.
type uploadResponse struct {
	ID string `json:"id"`
	// Null once the upload no longer waits.
	UploadURL   *string           `json:"upload_url" is:"as:uri"`
	Method      string            `json:"method" is:"of:PUT"`
	Headers     map[string]string `json:"headers"`
	MaxBytes    int64             `json:"max_bytes"`
	ExpiresAt   stamp             `json:"expires_at"`
	Status      string            `json:"status" is:"of:waiting|received|expired"`
	SizeBytes   int64             `json:"size_bytes"`
	Filename    *string           `json:"filename"`
	ContentType *string           `json:"content_type"`
	// The session that the upload serves.
	SessionID *string `json:"session_id"`
	CreatedAt stamp   `json:"created_at"`
}

func newUploadResponse(u upload.Upload) uploadResponse {
	headers := u.Request.Headers
	if headers == nil {
		headers = map[string]string{}
	}
	return uploadResponse{
		ID: u.ID, UploadURL: text(u.Request.URL), Method: http.MethodPut, Headers: headers,
		MaxBytes: upload.MaxUpload, ExpiresAt: stamp(u.ExpiresAt), Status: u.Status,
		SizeBytes: u.SizeBytes, Filename: text(u.Filename), ContentType: text(u.ContentType),
		SessionID: text(u.SessionID), CreatedAt: stamp(u.CreatedAt),
	}
}

// CreateUpload is POST /v1/uploads. The signed URL is not stored: a replay
// signs again.
func CreateUpload(svc *upload.Service) api.Endpoint {
	return api.Post[upload.UploadInput, upload.Upload]{
		Name: "uploads-create", Path: "/v1/uploads", Class: limit.Heavy, Needs: access.SessionsWrite, Shape: reflect.TypeFor[uploadResponse](),
		Do: func(r *http.Request, p access.Principal, in upload.UploadInput, claim *idempotency.Claim) (upload.Upload, error) {
			return svc.CreateUpload(r.Context(), p, in, claim)
		},
		Answer: func(u upload.Upload) (idempotency.Answer, error) {
			return api.Created("/v1/uploads/"+u.ID, newUploadResponse(u))
		},
		Keep: func(u upload.Upload) upload.Upload {
			u.Request = blob.PutRequest{}
			return u
		},
		Replay: func(r *http.Request, p access.Principal, stored idempotency.Answer) (idempotency.Answer, error) {
			return signAgain(r, p, svc, stored)
		},
	}.Endpoint()
}

func signAgain(r *http.Request, p access.Principal, svc *upload.Service, stored idempotency.Answer) (idempotency.Answer, error) {
	var was struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(stored.Body, &was); err != nil {
		return stored, fmt.Errorf("decoding the stored upload: %w", err)
	}
	u, err := svc.GetUpload(r.Context(), p, was.ID)
	if err != nil {
		return stored, err
	}
	body, err := json.Marshal(newUploadResponse(u))
	stored.Body = body
	return stored, err
}

// GetUpload is GET /v1/uploads/{id}.
func GetUpload(svc *upload.Service) api.Endpoint {
	return api.Endpoint{
		Name: "uploads-get", Method: http.MethodGet, Path: "/v1/uploads/{id}", Needs: access.SessionsRead,
		Answer: reflect.TypeFor[uploadResponse](),
		Serve: func(w http.ResponseWriter, r *http.Request, p access.Principal) error {
			u, err := svc.GetUpload(r.Context(), p, r.PathValue("id"))
			if err != nil {
				return err
			}
			return api.WriteJSON(w, r, http.StatusOK, newUploadResponse(u))
		},
	}
}
