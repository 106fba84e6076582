package engine

// assemblyAI is the output of AssemblyAI, in milliseconds: utterances when
// speakers were told apart, and what its endpoints for paragraphs and
// sentences give. Its words and text are read with Whisper's.
var assemblyAI = engine{
	"utterances":     func(f *found, c *cursor) error { return f.list(c, &f.utterances, 1) },
	"paragraphs":     func(f *found, c *cursor) error { return f.list(c, &f.paragraphs, 1) },
	"sentences":      func(f *found, c *cursor) error { return f.list(c, &f.paragraphs, 1) },
	"language_code":  readLanguage,
	"audio_duration": readDuration,
}
