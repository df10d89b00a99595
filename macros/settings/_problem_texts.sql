{#- Returns the words of all problems of a description, by name. {name} stands for a value of that name. A
    text may stand in parts. The macros of this room decide which problem there is; only this macro has its
    words. The texts are JSON, as those of _setting_specs. -#}
{% macro _problem_texts() -%}
    {%- set texts -%}
    {
        "too_large": "is over 20 levels deep, or has over 2000 values or 100000 characters. Describe one API",
        "no_json": "holds {kind}, which JSON cannot carry. {remedy}",
        "too_long": "has {length} characters. At most 2000 are taken",
        "pairs": "holds pairs, such as !!omap makes, which are no list and no mapping. Write a plain mapping",
        "unquoted": "{placeholder} without quotes is a mapping to YAML. Quote it: \"{placeholder}\"",
        "key_no_text": "has a key that is {kind} and no text. Put the key in quotes",
        "dollars": "holds $$, which would end the body of the procedures. Take it out",
        "jinja": "holds an expression of Jinja, and there is no Jinja in policy_api. A placeholder has single braces",
        "half_character": "holds half of a surrogate pair, which no request can carry. Take it out",
        "value": "{problem}. Got: {got}",
        "key_unknown": "there is no such key. {meant}There are: {known}",
        "key_missing_path": [
            "is missing. Say which address shows the policy, such as /rules?ref={execution_id}"
        ],
        "key_missing_id": "is missing. Say where in the answer the policy's id stands, such as /items/0/id",
        "key_missing_at": "is missing. Say where in the answer the word stands, such as /result/tripped",
        "key_missing_in": "is missing. Say which words confirm, such as [tripped] or [true]",
        "endpoint_no_mapping": "must be a mapping{or_none}. Its keys: {keys}. Got: {got}",
        "endpoint_none": [
            "must be a mapping or none. For an API that has none of this write none, in lower case and without ",
            "blanks. Got: {got}"
        ],
        "no_placeholder_apart": [
            "has no placeholder that tells policies apart, so all policies would share an answer. Write {known} ",
            "into its path or its body"
        ],
        "method": "must be one of {legal}. Got: {got}",
        "path": "must be a text that begins with /, such as {example}. Got: {got}",
        "path_character": "holds {character}. A path is ASCII without # and spaces: write {escaped}",
        "path_brace": "holds a brace of no placeholder. Placeholders there: {known}. A brace itself is {escaped}",
        "body": "must be a mapping, a list or {whole}. Got: {got}",
        "body_text": [
            "is a text. Write it as YAML: a mapping or a list. Only {whole} stands alone, or one of its ",
            "fields"
        ],
        "body_with_get": "stands beside the method GET, which carries no body. Say method: POST, or body: null",
        "body_missing": "is missing: a POST that asks needs one. Say a body, or method: GET",
        "path_percent": "holds a % without two hexadecimal digits behind it. A % itself is %25",
        "text_open": "{placeholder} is not closed. Write {whole}",
        "body_key": "is a key. Only values take placeholders: write the key out",
        "placeholder_path": "{placeholder} is no placeholder. {meant}There are: {known}",
        "placeholder_body": [
            "{placeholder} is no placeholder. {meant}There are: {known}. With spaces, { name }, it is left as ",
            "it is"
        ],
        "placeholder_header": "{placeholder} is no placeholder of a header. {meant}There are only secrets: {known}",
        "header_braces": [
            "holds braces that are no placeholder, and would be sent as they stand. A placeholder has no blanks, and ",
            "one brace at each end. There are: {known}"
        ],
        "header_braces_none": [
            "holds braces that are no placeholder, and would be sent as they stand. There are only secrets, and no ",
            "secret is declared"
        ],
        "placeholder_too_early": "{placeholder} has no value at this step. There are: {known}",
        "policy_in_path": "{placeholder} is the whole policy. A path takes one field, such as {policy.policy_name}",
        "policy_in_text": [
            "{placeholder} is the whole policy, and stands alone or not at all. In a text take one field, ",
            "such as {policy.policy_name}"
        ],
        "policy_field": [
            "{placeholder} names no field. The name of a field has letters, digits and _, such as ",
            "{policy.parameters.owner}"
        ],
        "secret_in_path": [
            "{placeholder} would stand in the address, which every log on the way keeps. Put it into a header ",
            "or a body"
        ],
        "secret_unknown": "{placeholder}: there is no secret of this alias. {meant}There are: {known}",
        "secret_none": "{placeholder}: no secret is declared. Say under secrets: {alias}: database.schema.secret",
        "secret_part": [
            "{placeholder}: the secret is of type {type}. Only one of type password has parts: .username and ",
            ".password"
        ],
        "secrets": "must be a mapping of aliases, such as {key: database.schema.secret}. Got: {got}",
        "secrets_twice": [
            "stands beside the var policy_api_secret. Say it in one place: put its secret here, and leave the ",
            "var out"
        ],
        "alias": "the alias must have letters, digits and _, and begin with a letter or _, such as api_key",
        "secret_name": "must be database.schema.secret{or_mapping}. Got: {got}",
        "secret_type": "must be generic_string, password or oauth2. Got: {got}",
        "secret_unused": "nothing uses it. Write {placeholder} into a header or a body, or leave the secret out",
        "secret_of_var_unused": [
            "the var policy_api_secret is set, and no header and no body uses it. Write {placeholder} into ",
            "one of headers, or leave the var out"
        ],
        "headers": "must be a mapping of names to texts, such as {X-Api-Key: ...}. Got: {got}",
        "header_name": "is no name of a header. It has letters, digits and -, such as X-Api-Key",
        "header_of_connection": [
            "this header belongs to the connection, to the transfer or to a condition, and would change what an ",
            "answer means. Leave it out"
        ],
        "header_of_key": "all requests would have the same key, and count as one. Say idempotency: {header: {name}}",
        "header_to_take_out": "takes a header out, and policy_api.headers has none of this name. Leave it out",
        "header_charset": "a request is sent as UTF-8. Say charset=utf-8, or no charset",
        "header_content_type": [
            "a request is sent as JSON, or as a form. Write application/json, another type of JSON such as ",
            "application/vnd.api+json, application/x-www-form-urlencoded for a form, or text/plain"
        ],
        "header_twice": "stands twice: a header's name has no case. Leave one out",
        "header_value": "must be a text; put a number in quotes. Got: {got}",
        "header_characters": "must be visible ASCII without a space at its ends, and without control characters",
        "header_literal": [
            "this is likely a credential, and stands here in clear text. Put it into a SECRET, name that in secrets, ",
            "and write {secret.ALIAS}"
        ],
        "form_no_mapping": [
            "is sent as a form, as Content-Type says, so it must be a mapping of names to values or {whole}. ",
            "Got: {got}"
        ],
        "form_nested": [
            "a form has no {what} in it: write a text, a number, true, false, or a list of these. Got: {got}"
        ],
        "form_key": "is not in a form, as the body of {step} is. A form is flat: name one field, such as /{example}",
        "idempotency": "must be {header: NAME}, {body: /pointer} or none. Got: {got}",
        "idempotency_none": [
            "must be {header: NAME}, {body: /pointer} or none. Write none in lower case and without blanks. Got: {got}"
        ],
        "key_header": "must be the name of a header, such as Idempotency-Key. Got: {got}",
        "key_header_taken": "{name} has a meaning already. The key needs a header of its own, such as Idempotency-Key",
        "key_is_header": "{name} also stands in headers, and each request has a key of its own. Leave it out there",
        "key_without_body": [
            "the body of {step} is no mapping, so the key has no place in it. Take {header: NAME}, or a body ",
            "that is a mapping or {whole}. Got: {got}"
        ],
        "key_taken": "the body of {step} says something else there. Take another place, or leave it out of the body",
        "pointer": "must be a JSON Pointer (RFC 6901), such as {example}{headers}. Got: {got}",
        "pointer_whole": "is the whole JSON, and no place. Name a place in it, such as {example}",
        "pointer_placeholder": "holds a placeholder, and there is no placeholder in a pointer. Name {example}, say",
        "pointer_after_end": [
            "has the key -, which is the place after the end of a list, where no answer has anything. Name a place ",
            "such as {example}"
        ],
        "pointer_empty_key": "has an empty key, which no answer has. Write {right}",
        "pointer_to_header": [
            "reads a header, which only create.id and find.id do. Name a place in the answer, such as ",
            "{example}"
        ],
        "pointer_none": [
            "must be a JSON Pointer or none. For an answer that does not name the policy write none in lower case ",
            "and without blanks. Got: {got}"
        ],
        "pointer_language": "is no JSON Pointer (RFC 6901) to one place. Write {right}. Got: {got}",
        "pointer_beside": [
            "stands beside {other}: an answer cannot be a list and an object. Let both begin with an index, or ",
            "neither"
        ],
        "pointer_header_written": "is not how a header of the answer is named. Write {right}. Got: {got}",
        "pointer_header_name": "names no header. Write header:NAME, such as header:X-Scan-Id, or location",
        "statuses": "must be a list of HTTP statuses, such as [{example}]. They are {says}. Got: {got}",
        "status": "must be an HTTP status, {says}. Got: {got}",
        "status_of_token": "401 and 403 are about the credentials, and can mean nothing else. Leave {status} out",
        "status_twice": "{status} stands twice. Leave one out",
        "status_both": "{status} stands in {other} and in busy, and can mean one thing only. Leave one out",
        "confirm": "must be {at: /pointer, in: [words]}. Got: {got}",
        "confirm_in": "must be a list with at least one word, such as [tripped] or [true]. Got: {got}",
        "confirm_value": "must be a text, a number, true or false. Got: {got}",
        "confirm_no_word": "is no word, so nothing could confirm. Write what the API says, such as tripped",
        "confirm_placeholder": [
            "is compared to the letter, without placeholders. The place of the policy's id is said as trigger.id"
        ]
    }
    {%- endset -%}
    {{- return(fromjson(texts)) -}}
{%- endmacro %}
