package stack

import (
	"time"

	"griot/internal/queue"
)

// workerRows are the workers, and the sweeper.
var workerRows = []Function{
	{
		Worker: queue.Ingest, AtOnce: 20, Access: Get, Sessions: Get | BatchGet | Query | Put | Update | Delete,
		Objects:  Objects{Get: []string{uploads, inbox, files}, Put: []string{refused, files}, Delete: []string{uploads, inbox, files}, List: true},
		Sends:    []queue.Name{queue.Ingest, queue.Extract, queue.Purge, queue.Transcribe},
		EndsJobs: true,
		Settings: []Setting{
			{"GRIOT_TRANSCRIBER", "Transcriber"}, {"GRIOT_TRANSCRIBER_MAX_MB", "TranscriberMaxMB"},
			// By these it knows what an attempt before was answered.
			{"GRIOT_TRANSCRIBER_MODEL", "TranscriberModel"}, {"GRIOT_TRANSCRIBER_DIARIZE", "TranscriberDiarize"},
			{"GRIOT_TRANSCRIBE_LANGUAGE", "TranscribeLanguage"}, {"GRIOT_TRANSCRIBE_VOCABULARY", "TranscribeVocabulary"},
			{"GRIOT_TRANSCRIBE_REDACT", "TranscribeRedact"}, {"GRIOT_MAX_MINUTES_PER_DAY", "MaxMinutesPerDay"},
		},
		Also: transcribe, Memory: processor, Timeout: 5 * time.Minute,
	},
	{
		Worker: queue.Transcribe, AtOnce: 2, Oldest: 2 * time.Hour, Condition: "HasServer",
		Sessions: Get | BatchGet, Conversations: Get | Query,
		Objects: Objects{Get: []string{uploads, inbox, files}, Put: []string{files}, Delete: []string{files}, List: true},
		Sends:   []queue.Name{queue.Ingest, queue.Tidy}, Timeout: 15 * time.Minute,
		Settings: []Setting{
			{"GRIOT_TRANSCRIBER", "Transcriber"}, {"GRIOT_TRANSCRIBER_MODEL", "TranscriberModel"}, {"GRIOT_TRANSCRIBER_KEY", "TranscriberKey"},
			{"GRIOT_TRANSCRIBER_DIARIZE", "TranscriberDiarize"}, {"GRIOT_TRANSCRIBER_MAX_MB", "TranscriberMaxMB"},
		},
	},
	{
		Worker: queue.Fetch, AtOnce: 10, Sessions: Get | BatchGet | Query | Put | Update | Delete, Conversations: Query,
		Objects: Objects{Put: []string{files}, Delete: []string{files}}, Sends: []queue.Name{queue.Ingest},
		Timeout: 11 * time.Minute,
	},
	{
		Worker: queue.Extract, AtOnce: 20, Sessions: Get | BatchGet | Query | Put | Update | Delete,
		Objects: Objects{Put: []string{files}, Get: []string{files}, Delete: []string{files}, List: true},
		Sends:   []queue.Name{queue.Bridge}, Memory: processor, Timeout: 15 * time.Minute,
		Settings: []Setting{{"GRIOT_BEDROCK_MODEL", "BedrockModel"}, {"GRIOT_MAX_TOKENS_PER_DAY", "MaxTokensPerDay"}, keepMedia}, Also: model,
	},
	{
		Worker: queue.Bridge, AtOnce: 10, Sessions: Get | BatchGet | Query | Put | Update | Delete | Check,
		Conversations: Get | BatchGet | Query | Put | Update | Delete,
		Objects:       Objects{Get: []string{files}, Delete: []string{files}, List: true},
		Sends:         []queue.Name{queue.Merge, queue.Tidy}, Settings: []Setting{keepMedia}, Memory: processor, Timeout: 5 * time.Minute,
	},
	{
		Worker: queue.Tidy, AtOnce: 5, Sessions: Get | BatchGet | Query | Put | Update | Delete,
		Conversations: Get | BatchGet | Query | Put | Update | Delete,
		Objects:       Objects{Get: []string{lists}, Put: []string{lists}, List: true},
		Sends:         []queue.Name{queue.Tidy, queue.Merge}, Timeout: 5 * time.Minute,
	},
	{
		Worker: queue.Merge, AtOnce: 10, Conversations: Get | Query | Put | Delete,
		Objects: Objects{Get: []string{index}, Put: []string{index}, Delete: []string{index}, List: true},
		Memory:  processor, Timeout: 5 * time.Minute,
	},
	{
		Worker: queue.Purge, AtOnce: 5, Access: Get | Query | Update | Delete, Sessions: Get | BatchGet | Query | Put | Update | Delete,
		Conversations: Get | BatchGet | Query | Put | Update | Delete,
		Objects:       Objects{Get: []string{files, uploads, inbox, index, lists}, Put: []string{index}, Delete: []string{files, uploads, inbox, index}, List: true},
		Sends:         []queue.Name{queue.Merge, queue.Purge}, EndsJobs: true, Settings: []Setting{keepMedia}, Memory: processor, Timeout: 5 * time.Minute, Audit: true,
	},
	{
		Every: time.Minute, Access: Get | Query | Update, Sessions: Get | Query | Put | Update | Delete,
		Conversations: Get | Query | Put | Update | Delete,
		Objects:       Objects{Get: []string{files, uploads, inbox}, Delete: []string{uploads, inbox, files}, List: true},
		Sends:         []queue.Name{queue.Ingest, queue.Fetch, queue.Extract, queue.Purge, queue.Bridge, queue.Tidy},
		Settings:      []Setting{keepMedia}, Memory: processor, Timeout: 55 * time.Second, Audit: true,
	},
}

// keepMedia is what says when a completed session is due.
var keepMedia = Setting{"GRIOT_KEEP_MEDIA_DAYS", "KeepMediaDays"}

// transcribe lets a function have recordings written down by Amazon Transcribe,
// which reads them and writes its answers with the function's own rights. Jobs
// that do not exist yet have no ARN.
const transcribe = `- !If
  - HasAmazon
  - Effect: Allow
    Action: transcribe:StartTranscriptionJob
    Resource: '*'
    Condition: {StringEquals: {'transcribe:OutputBucketName': !Sub '${AWS::StackName}-${AWS::AccountId}-${AWS::Region}'}}
  - !Ref AWS::NoValue
- !If
  - HasAmazon
  - Effect: Allow
    Action: transcribe:TagResource
    Resource: !Sub arn:${AWS::Partition}:transcribe:${AWS::Region}:${AWS::AccountId}:transcription-job/griot-*
  - !Ref AWS::NoValue
`

// model lets a function ask the language model that the parameters name: itself
// where it is one, and what a profile leads to, in any region, through the
// profile only.
const model = `- !If
  - HasBedrock
  - Effect: Allow
    Action: bedrock:InvokeModel
    Resource:
      - !If [BedrockModelIsARN, !Ref BedrockModel, !Sub 'arn:${AWS::Partition}:bedrock:${AWS::Region}:${AWS::AccountId}:inference-profile/${BedrockModel}']
      - !If [BedrockModelIsARN, !Ref BedrockModel, !Sub 'arn:${AWS::Partition}:bedrock:${AWS::Region}::foundation-model/${BedrockModel}']
  - !Ref AWS::NoValue
- !If
  - HasBedrock
  - Effect: Allow
    Action: bedrock:InvokeModel
    Resource: !Sub arn:${AWS::Partition}:bedrock:*::foundation-model/*
    Condition:
      StringEquals:
        bedrock:InferenceProfileArn: !If [BedrockModelIsARN, !Ref BedrockModel, !Sub 'arn:${AWS::Partition}:bedrock:${AWS::Region}:${AWS::AccountId}:inference-profile/${BedrockModel}']
  - !Ref AWS::NoValue
`
