package main

import (
	"bytes"
	"context"
	"errors"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/transcribe"
	"github.com/aws/aws-sdk-go-v2/service/transcribe/types"
)

// constraint is how AWS says that a member is not in the form of its model.
func constraint(value any, member, rule string) *exception {
	return badRequest("1 validation error detected: Value '%v' at '%s' failed to satisfy constraint: %s", value, member, rule)
}

var (
	namePattern   = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[0-9a-zA-Z._-]{1,200}$`) })
	uriPattern    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(s3://|https?://).+$`) })
	bucketPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9][.a-z0-9-]{1,61}[a-z0-9]$`) })
	keyPattern    = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^[a-zA-Z0-9_.!*'()/&$@=;:+,? \x00-\x1F\x7F-]+$`)
	})
)

func checkName(name *string) error {
	n := aws.ToString(name)
	if !namePattern().MatchString(n) || n == "." || n == ".." {
		return constraint(n, "transcriptionJobName", "Member must satisfy regular expression pattern: ^[0-9a-zA-Z._-]+, and have at most 200 characters")
	}
	return nil
}

// check refuses what Amazon refuses before it looks at the recording.
func check(in *transcribe.StartTranscriptionJobInput) error {
	for _, check := range []func(*transcribe.StartTranscriptionJobInput) error{checkMedia, checkOutput, checkLanguage, checkSettings, checkRest} {
		if err := check(in); err != nil {
			return err
		}
	}
	return nil
}

func checkMedia(in *transcribe.StartTranscriptionJobInput) error {
	if err := checkName(in.TranscriptionJobName); err != nil {
		return err
	}
	if in.Media == nil || in.Media.MediaFileUri == nil {
		return constraint("null", "media.mediaFileUri", "Member must not be null")
	}
	uri := *in.Media.MediaFileUri
	if len(uri) > 2000 || !uriPattern().MatchString(uri) {
		return constraint(uri, "media.mediaFileUri", "Member must satisfy regular expression pattern: (s3://|http(s*)://).+")
	}
	if in.MediaFormat != "" && !slices.Contains(in.MediaFormat.Values(), in.MediaFormat) {
		return constraint(in.MediaFormat, "mediaFormat", "Member must satisfy enum value set: [amr, flac, wav, ogg, mp3, mp4, webm, m4a]")
	}
	if rate := in.MediaSampleRateHertz; rate != nil && (*rate < 8000 || *rate > 48000) {
		return constraint(*rate, "mediaSampleRateHertz", "Member must have value between 8000 and 48000")
	}
	return nil
}

func checkOutput(in *transcribe.StartTranscriptionJobInput) error {
	if in.OutputBucketName != nil && !bucketPattern().MatchString(*in.OutputBucketName) {
		return constraint(*in.OutputBucketName, "outputBucketName", "Member must satisfy regular expression pattern: [a-z0-9][\\.\\-a-z0-9]{1,61}[a-z0-9]")
	}
	if in.OutputKey != nil && (len(*in.OutputKey) > 1024 || !keyPattern().MatchString(*in.OutputKey)) {
		return constraint(*in.OutputKey, "outputKey", "Member must satisfy regular expression pattern: [a-zA-Z0-9-_.!*'()/&$@=;:+,? \\x00-\\x1F\\x7F]{1,1024}")
	}
	if in.OutputBucketName == nil && (in.OutputKey != nil || in.OutputEncryptionKMSKeyId != nil) {
		return badRequest("OutputKey and OutputEncryptionKMSKeyId need an OutputBucketName.")
	}
	return nil
}

// checkLanguage knows the three ways to say what is spoken.
func checkLanguage(in *transcribe.StartTranscriptionJobInput) error {
	ways := 0
	for _, given := range []bool{in.LanguageCode != "", aws.ToBool(in.IdentifyLanguage), aws.ToBool(in.IdentifyMultipleLanguages)} {
		if given {
			ways++
		}
	}
	if ways != 1 {
		return badRequest("Specify exactly one of LanguageCode, IdentifyLanguage and IdentifyMultipleLanguages.")
	}
	for _, code := range append([]types.LanguageCode{in.LanguageCode}, in.LanguageOptions...) {
		if code != "" && !slices.Contains(code.Values(), code) {
			return constraint(code, "languageCode", "Member must satisfy enum value set: [af-ZA, ar-AE, …]")
		}
	}
	switch {
	case in.LanguageCode != "" && (in.LanguageOptions != nil || in.LanguageIdSettings != nil):
		return badRequest("LanguageOptions and LanguageIdSettings go with IdentifyLanguage or IdentifyMultipleLanguages.")
	case aws.ToBool(in.IdentifyLanguage) && len(in.LanguageOptions) == 1:
		return badRequest("LanguageOptions has at least two languages.")
	case in.LanguageCode == "" && in.ContentRedaction != nil:
		return badRequest("ContentRedaction needs a LanguageCode.")
	case in.LanguageCode == "" && in.Settings != nil && (in.Settings.VocabularyName != nil || in.Settings.VocabularyFilterName != nil):
		return badRequest("With language identification a vocabulary is named in LanguageIdSettings.")
	case in.LanguageCode == "" && in.ModelSettings != nil:
		return badRequest("With language identification a model is named in LanguageIdSettings.")
	}
	return nil
}

func checkSettings(in *transcribe.StartTranscriptionJobInput) error {
	s := in.Settings
	if s == nil {
		return nil
	}
	speakers := aws.ToBool(s.ShowSpeakerLabels)
	alternatives := aws.ToBool(s.ShowAlternatives)
	switch {
	case s.MaxSpeakerLabels != nil && (*s.MaxSpeakerLabels < 2 || *s.MaxSpeakerLabels > 30):
		return constraint(*s.MaxSpeakerLabels, "settings.maxSpeakerLabels", "Member must have value between 2 and 30")
	case speakers != (s.MaxSpeakerLabels != nil):
		return badRequest("ShowSpeakerLabels and MaxSpeakerLabels go together.")
	case speakers && aws.ToBool(s.ChannelIdentification):
		return badRequest("ShowSpeakerLabels and ChannelIdentification exclude each other.")
	case s.MaxAlternatives != nil && (*s.MaxAlternatives < 2 || *s.MaxAlternatives > 10):
		return constraint(*s.MaxAlternatives, "settings.maxAlternatives", "Member must have value between 2 and 10")
	case alternatives != (s.MaxAlternatives != nil):
		return badRequest("ShowAlternatives and MaxAlternatives go together.")
	case s.VocabularyName != nil && !namePattern().MatchString(*s.VocabularyName):
		return constraint(*s.VocabularyName, "settings.vocabularyName", "Member must satisfy regular expression pattern: ^[0-9a-zA-Z._-]+")
	case (s.VocabularyFilterMethod != "") != (s.VocabularyFilterName != nil):
		return badRequest("VocabularyFilterName and VocabularyFilterMethod go together.")
	}
	return nil
}

func checkRest(in *transcribe.StartTranscriptionJobInput) error {
	if r := in.ContentRedaction; r != nil {
		switch {
		case r.RedactionType != types.RedactionTypePii || !slices.Contains(r.RedactionOutput.Values(), r.RedactionOutput):
			return constraint(r.RedactionOutput, "contentRedaction", "Member must have the type PII, and the output redacted or redacted_and_unredacted")
		case !slices.Contains([]types.LanguageCode{types.LanguageCodeEnUs, types.LanguageCodeEsUs, types.LanguageCodeEnGb, types.LanguageCodeEnAu}, in.LanguageCode):
			return badRequest("ContentRedaction knows en-AU, en-GB, en-US and es-US.")
		}
	}
	if e := in.JobExecutionSettings; e != nil && aws.ToBool(e.AllowDeferredExecution) && e.DataAccessRoleArn == nil {
		return badRequest("AllowDeferredExecution needs a DataAccessRoleArn.")
	}
	if len(in.Tags) > 200 {
		return constraint(len(in.Tags), "tags", "Member must have length less than or equal to 200")
	}
	for _, tag := range in.Tags {
		key := aws.ToString(tag.Key)
		if key == "" || len(key) > 128 || len(aws.ToString(tag.Value)) > 256 || strings.HasPrefix(key, "aws:") {
			return constraint(key, "tags", "Member has a key of 1 to 128 characters that does not begin with aws:, and a value of at most 256")
		}
	}
	return nil
}

// place is an object of S3.
type place struct{ bucket, key string }

// placeOf reads s3://bucket/key, where the key is as it is, and the addresses
// of both styles, where it is escaped.
func placeOf(uri string) (p place, ok bool) {
	if plain, ok := strings.CutPrefix(uri, "s3://"); ok {
		p.bucket, p.key, _ = strings.Cut(plain, "/")
		return p, p.bucket != "" && p.key != ""
	}
	u, err := url.Parse(uri)
	if err != nil {
		return p, false
	}
	p.bucket, p.key, _ = strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	if host, _, ok := strings.Cut(u.Hostname(), ".s3"); ok {
		p = place{host, strings.TrimPrefix(u.Path, "/")}
	}
	return p, p.bucket != "" && p.key != ""
}

// output is where the result goes: OutputKey is an object when it ends in
// .json, else a folder.
func output(in *transcribe.StartTranscriptionJobInput) place {
	key := aws.ToString(in.OutputKey)
	if !strings.HasSuffix(key, ".json") {
		key = path.Join(key, *in.TranscriptionJobName+".json")
	}
	return place{aws.ToString(in.OutputBucketName), key}
}

// accessible looks for the recording, and tries whether it may write: the
// object of that attempt stays.
func (s *service) accessible(in *transcribe.StartTranscriptionJobInput) error {
	media, ok := placeOf(*in.Media.MediaFileUri)
	if !ok {
		return badRequest("The URI that you provided doesn't point to an S3 object.")
	}
	if _, err := s.bucket.HeadObject(s.ctx, &s3.HeadObjectInput{Bucket: &media.bucket, Key: &media.key}); err != nil {
		return badRequest("The S3 URI that you provided can't be accessed. Make sure that you have read permission and try your request again.")
	}
	if in.OutputBucketName == nil {
		return badRequest("This stand-in needs an OutputBucketName: it has no bucket of its own.")
	}
	to := output(in)
	to.key = path.Join(path.Dir(to.key), ".write_access_check_file.temp")
	if err := s.write(s.ctx, to, []byte{}); err != nil {
		return badRequest("The S3 bucket that you provided can't be accessed. Make sure that you have write permission and try your request again.")
	}
	return nil
}

func (s *service) write(ctx context.Context, to place, data []byte) error {
	if to.bucket == "" {
		return errors.New("no bucket")
	}
	_, err := s.bucket.PutObject(ctx, &s3.PutObjectInput{Bucket: &to.bucket, Key: &to.key, Body: bytes.NewReader(data)})
	return err
}
