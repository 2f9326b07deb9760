// Package capi calls the library without the binding. Tests compare the results with the binding's, and a
// benchmark measures what the binding adds.
package capi

// #cgo !sac_static pkg-config: sac
// #cgo sac_static pkg-config: sac-static
// #cgo sac_static CFLAGS: -DSAC_STATIC
// #include <sac.h>
// #include <stdlib.h>
//
// static sac_code get_all(const char *base_url, const char *path, int count)
// {
//     sac_client *client = NULL;
//     sac_code code = sac_client_new(base_url, &client);
//     for (int i = 0; i < count && code == SAC_OK; i++) {
//         sac_response *response = sac_get(client, path);
//         code = response->code;
//         sac_response_free(response);
//     }
//     sac_client_free(client);
//     return code;
// }
import "C"

import "unsafe"

// Get gets a path count times, and returns the code of the first call that fails, or SAC_OK.
func Get(baseURL, path string, count int) int32 {
	cURL, cPath := C.CString(baseURL), C.CString(path)
	defer C.free(unsafe.Pointer(cURL))
	defer C.free(unsafe.Pointer(cPath))
	return int32(C.get_all(cURL, cPath, C.int(count)))
}

// A Value contains what the library reads at a JSON pointer. A member is nil if the value has another type.
type Value struct {
	Type   int32
	Length int
	String *string
	Text   *string
	Int    *int64
	Float  *float64
	Bool   *bool
}

// Values gets a path, and reads the values at pointers.
func Values(baseURL, path string, pointers []string) []Value {
	cURL, cPath := C.CString(baseURL), C.CString(path)
	defer C.free(unsafe.Pointer(cURL))
	defer C.free(unsafe.Pointer(cPath))
	var client *C.sac_client
	C.sac_client_new(cURL, &client)
	defer C.sac_client_free(client)
	response := C.sac_get(client, cPath)
	defer C.sac_response_free(response)
	values := make([]Value, 0, len(pointers))
	for _, pointer := range pointers {
		values = append(values, valueAt(response, pointer))
	}
	return values
}

func valueAt(response *C.sac_response, pointer string) (value Value) {
	at := C.CString(pointer)
	defer C.free(unsafe.Pointer(at))
	var length C.size_t
	value.Type = int32(C.sac_json_type_of(response, at))
	value.Length = int(C.sac_json_length(response, at))
	if text := C.sac_json_string(response, at, &length); text != nil {
		value.String = some(C.GoStringN(text, C.int(length)))
	}
	if text := C.sac_json_text(response, at, &length); text != nil {
		value.Text = some(C.GoStringN(text, C.int(length)))
	}
	var whole C.int64_t
	if C.sac_json_int64(response, at, &whole) {
		value.Int = some(int64(whole))
	}
	var number C.double
	if C.sac_json_double(response, at, &number) {
		value.Float = some(float64(number))
	}
	var truth C.bool
	if C.sac_json_bool(response, at, &truth) {
		value.Bool = some(bool(truth))
	}
	return value
}

func some[T any](value T) *T {
	return &value
}
