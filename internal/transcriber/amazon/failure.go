package amazon

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/transcribe"
	"github.com/aws/aws-sdk-go-v2/service/transcribe/types"
	"github.com/aws/smithy-go"

	"griot/internal/transcriber"
)

// Codes of errors, those of the service and those of AWS as a whole.
var (
	busy   = []string{"LimitExceededException", "ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded", "ServiceQuotaExceededException"}
	denied = []string{
		"AccessDeniedException", "AccessDenied", "UnrecognizedClientException", "InvalidClientTokenId", "InvalidSignatureException", "SignatureDoesNotMatch",
		"MissingAuthenticationTokenException", "OptInRequired", "SubscriptionRequiredException",
	}
)

// trouble makes an Error of a call that failed, whatever it was for. A context
// that ended is the caller's.
func (e *Engine) trouble(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("asking Amazon Transcribe: %w", context.Cause(ctx))
	}
	of, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return e.unreached(err)
	}
	why := traced(of.ErrorCode(), err)
	switch {
	case slices.Contains(busy, of.ErrorCode()):
		return transcriber.Fail(transcriber.Busy, "Amazon Transcribe has as many recordings or requests of this account as it takes at a time.", why)
	case slices.Contains(denied, of.ErrorCode()):
		return transcriber.Fail(transcriber.Denied, "Amazon Transcribe refuses the request. The role of the stack's functions has to allow Start-, Get- and DeleteTranscriptionJob and TagResource on jobs named griot-*, and the account has to have the service.", why)
	case is[*types.BadRequestException](err):
		return transcriber.Fail(transcriber.Denied, "Amazon Transcribe does not take the request.", why)
	}
	return transcriber.Fail(transcriber.Unavailable, "Amazon Transcribe is not available at the moment.", why)
}

// refusal also knows what may be wrong with a job that Amazon did not begin.
// Its words are for people: they choose a hint and decide nothing else.
func (e *Engine) refusal(ctx context.Context, in *transcribe.StartTranscriptionJobInput, err error) error {
	trouble := e.trouble(ctx, err)
	bad, ok := errors.AsType[*types.BadRequestException](err)
	if f, isError := transcriber.As(trouble); ok && isError {
		f.Message = "Amazon Transcribe does not take the recording: " + e.hint(in, strings.ToLower(bad.ErrorMessage()))
	}
	return trouble
}

func (e *Engine) hint(in *transcribe.StartTranscriptionJobInput, words string) string {
	switch {
	case in.Settings != nil && in.Settings.VocabularyName != nil && strings.Contains(words, "vocabulary"):
		return fmt.Sprintf("there has to be a custom vocabulary %q, ready, of the language %s. It is named by the stack's parameter TranscribeVocabulary.", e.vocabulary, in.LanguageCode)
	case in.ContentRedaction != nil && (strings.Contains(words, "redact") || strings.Contains(words, "language")):
		return fmt.Sprintf("what identifies a person is removed from transcripts here, which it may not do in %s. The stack's parameter TranscribeRedact asks for it.", in.LanguageCode)
	case in.LanguageCode != "" && strings.Contains(words, "language"):
		return fmt.Sprintf("it may not know %s in the region %s.", in.LanguageCode, e.region)
	}
	return "the role of the stack's functions has to be allowed to read it, and to write below sessions/."
}

// unreached is a call that had no answer.
func (e *Engine) unreached(err error) error {
	if name, ok := errors.AsType[*net.DNSError](err); ok {
		return transcriber.Fail(transcriber.Unavailable, fmt.Sprintf("Amazon Transcribe could not be reached: the region %s has no host for it.", e.region), name)
	}
	return transcriber.Fail(transcriber.Unavailable, "Amazon Transcribe could not be reached, or the connection broke off before it had answered.", err)
}

// traced is what the log has of a refusal: its code, and the request that
// AWS's own logs have. Amazon's words may quote the request.
func traced(code string, err error) error {
	status, id := 0, ""
	if resp, ok := errors.AsType[*awshttp.ResponseError](err); ok {
		status, id = resp.HTTPStatusCode(), resp.ServiceRequestID()
	}
	return fmt.Errorf("it answered with %.60q, status %d, request %.60q", code, status, id)
}

// reasons are what FailureReason says, which is prose, and what it means: the
// first whose words are in it counts.
var reasons = []struct {
	words   string
	kind    transcriber.Kind
	message string
}{
	{"language identification", transcriber.Unsupported, "Amazon Transcribe heard too little speech in the recording to find out its language. Create the session with its language."},
	{"number of channels", transcriber.Unsupported, "The recording has more channels than the two that Amazon Transcribe takes. Mix it down and upload that."},
	{"sample rate", transcriber.Unsupported, "Amazon Transcribe does not take the recording's sample rate. Convert it to 16,000 samples a second and upload that."},
	{"too small", transcriber.Unsupported, "The recording is too short for anything to be said in it."},
	{"too large", transcriber.TooLarge, "The recording is larger than Amazon Transcribe takes. Save it at a lower bit rate, or cut it into parts, and upload that."},
	{"too long", transcriber.TooLarge, "The recording is longer than Amazon Transcribe takes. Cut it into parts and upload each by itself."},
	{"media format", transcriber.Unsupported, "Amazon Transcribe cannot read the recording, or finds no sound in it. Convert it to WAV, MP3 or FLAC and upload that."},
	{"vocabulary", transcriber.Denied, "Amazon Transcribe cannot use the custom vocabulary that the stack's parameter TranscribeVocabulary names."},
	{"access", transcriber.Denied, "Amazon Transcribe may not read the recording, or not write its answer. The role of the stack's functions has to allow both."},
	{"internal", transcriber.Unavailable, "Amazon Transcribe failed on the recording with an error of its own."},
}

// failure is why a job has failed.
func failure(job *types.TranscriptionJob) *transcriber.Error {
	said := strings.ToLower(aws.ToString(job.FailureReason))
	for _, r := range reasons {
		if strings.Contains(said, r.words) {
			return transcriber.Fail(r.kind, r.message, fmt.Errorf("the job has failed with a reason that speaks of %q", r.words))
		}
	}
	return transcriber.Fail(transcriber.Failed, "Amazon Transcribe gave up on the recording, for a reason that the log of the stack's functions has. A retry of the session asks it again.", errUnknownReason)
}

var errUnknownReason = errors.New("the job has failed with a reason that is not known here")

// failed is the failure of a job. A reason that is not known is logged, as it
// goes with the job when the session ends.
func failed(ctx context.Context, session string, job *types.TranscriptionJob) error {
	e := failure(job)
	if errors.Is(e, errUnknownReason) {
		slog.WarnContext(ctx, "Amazon Transcribe gave up on a recording", "session", session, "reason", withoutAddresses(aws.ToString(job.FailureReason)))
	}
	return e
}

// withoutAddresses is a sentence of Amazon's without the objects that it names.
func withoutAddresses(reason string) string {
	words := strings.Fields(reason)
	for i, w := range words {
		if strings.Contains(w, "/") {
			words[i] = "…"
		}
	}
	return fmt.Sprintf("%.300s", strings.Join(words, " "))
}

// mayPass is true for a job that failed on something that may be over.
func mayPass(job *types.TranscriptionJob) bool {
	return job.TranscriptionJobStatus == types.TranscriptionJobStatusFailed && failure(job).Kind.Passes()
}
