package model

import "github.com/assay-dev/assay/plugins/sdk/model"

// What a backend is, and what passes between it and who asks. Plugins are made
// with the same types, which is why they lie in the SDK.
type (
	Backend = model.Backend
	Request = model.Request
	Message = model.Message
	Role    = model.Role
	Answer  = model.Answer
	Text    = model.Text
	Finish  = model.Finish
	Usage   = model.Usage
	Error   = model.Error
	Kind    = model.Kind
)

// The roles of messages, the ends of texts and the kinds of failures.
const (
	System    = model.System
	User      = model.User
	Assistant = model.Assistant

	Stop   = model.Stop
	Length = model.Length
	Other  = model.Other

	Busy        = model.Busy
	Broken      = model.Broken
	Slow        = model.Slow
	Unreachable = model.Unreachable
	Refused     = model.Refused
	Unusable    = model.Unusable
)

// Errorf makes an Error.
func Errorf(kind Kind, format string, args ...any) *Error { return model.Errorf(kind, format, args...) }
