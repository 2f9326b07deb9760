package main

import "encoding/json"

// A testCase is one case, with the members that a runner needs. A member that the case does not have is nil.
type testCase struct {
	Name     string    `json:"name"`
	BaseURL  *string   `json:"base_url"`
	BasePath string    `json:"base_path"`
	Client   *settings `json:"client"`
	Clone    *settings `json:"clone"`
	Request  request   `json:"request"`
	Expect   expected  `json:"expect"`
}

// settings are the settings of a client or a clone.
type settings struct {
	Reset         bool        `json:"reset"`
	Headers       [][2]string `json:"headers"`
	RemoveHeaders []string    `json:"remove_headers"`
	Cookies       [][2]string `json:"cookies"`
	RemoveCookies []string    `json:"remove_cookies"`
	Bearer        *string     `json:"bearer"`
	Basic         *[2]string  `json:"basic"`
	Digest        *[2]string  `json:"digest"`
	Tokens        []string    `json:"tokens"`
	BearerFile    *string     `json:"bearer_file"`
	Credentials   *oauth2     `json:"client_credentials"`
	RefreshToken  *oauth2     `json:"refresh_token"`
	SignedCookie  *struct {
		Name    string `json:"name"`
		Payload string `json:"payload"`
		KeyID   string `json:"key_id"`
		Key     string `json:"key"`
		Digest  int    `json:"digest"`
	} `json:"signed_cookie"`
	AWSSigV4        *[5]string `json:"aws_sigv4"`
	RetryCallback   *bool      `json:"retry_callback"`
	AttemptCallback *bool      `json:"attempt_callback"`
	LogLevel        *int       `json:"log_level"`
	clientSettings
}

// oauth2 are the arguments for a token server.
type oauth2 struct {
	TokenURL     string `json:"token_url"`
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	Scope        string `json:"scope"`
	RefreshToken string `json:"refresh_token"`
}

// request describes the request to send.
type request struct {
	Call           string      `json:"call"`
	Method         string      `json:"method"`
	Path           string      `json:"path"`
	Query          [][2]string `json:"query"`
	Headers        [][2]string `json:"headers"`
	Form           [][2]string `json:"form"`
	JSON           *string     `json:"json"`
	BodyBase64     *[]byte     `json:"body_base64"`
	ContentType    string      `json:"content_type"`
	IdempotencyKey *string     `json:"idempotency_key"`
	Cancelled      bool        `json:"cancelled"`
	Stream         bool        `json:"stream"`
	Records        *string     `json:"records"`
	LastEventID    *string     `json:"last_event_id"`
	requestSettings
}

// expected describes the expected outcome.
type expected struct {
	Code            string       `json:"code"`
	Status          *int         `json:"status"`
	Reason          *string      `json:"reason"`
	Attempts        *int         `json:"attempts"`
	BodyBase64      *[]byte      `json:"body_base64"`
	JSON            *string      `json:"json"`
	JSONState       *string      `json:"json_state"`
	Error           *string      `json:"error"`
	ErrorContains   []string     `json:"error_contains"`
	Headers         [][2]*string `json:"headers"`
	Links           [][2]*string `json:"links"`
	Records         []record     `json:"records"`
	PathsOf         [][2]*string `json:"paths_of"`
	Values          []value      `json:"values"`
	JournalContains []string     `json:"journal_contains"`
	RetryCalls      *int         `json:"retry_calls"`
	LogContains     []string     `json:"log_contains"`
	LogLacks        []string     `json:"log_lacks"`
	Requests        *[]struct {
		StartsWith string   `json:"starts_with"`
		EndsWith   string   `json:"ends_with"`
		Contains   []string `json:"contains"`
		Lacks      []string `json:"lacks"`
	} `json:"requests"`
}

// record describes an expected record of a stream. Its JSON state is not a part of Go's record.
type record struct {
	Type *string `json:"type"`
	ID   *string `json:"id"`
	Data *string `json:"data"`
	JSON *string `json:"json"`
	Code *string `json:"code"`
}

// value describes the expected value at a pointer. A member is empty if the case does not compare it, and the
// text null if there must be no value of that kind.
type value struct {
	Pointer string          `json:"pointer"`
	Type    *string         `json:"type"`
	Length  *int            `json:"length"`
	String  json.RawMessage `json:"string"`
	Text    json.RawMessage `json:"text"`
	Int64   json.RawMessage `json:"int64"`
	Double  json.RawMessage `json:"double"`
	Bool    json.RawMessage `json:"bool"`
}
