{{- /* How a container reaches the database: its variables. Takes the context, the secret's name, and the URL where database.url is set. */ -}}
{{- define "pgnetty.databaseEnv" -}}
{{- $database := .context.Values.database -}}
{{- $secret := .secret -}}
{{- $parts := dict "host" "PGHOST" "port" "PGPORT" "name" "PGDATABASE" "user" "PGUSER" "password" "PGPASSWORD" -}}
{{- if $database.keys.host }}
{{- range $part, $variable := $parts }}
{{- with index $database.keys $part }}
- name: {{ $variable }}
  valueFrom:
    secretKeyRef:
      name: {{ $secret }}
      key: {{ . }}
{{- end }}
{{- end }}
{{- else if $database.url }}
- name: PGNETTY_URL
  value: {{ .url | quote }}
- name: PGNETTY_URL_FILE
  value: /etc/pgnetty/database/{{ $database.passwordKey }}
{{- else if $database.urlAsFile }}
- name: PGNETTY_URL_FILE
  value: /etc/pgnetty/database/{{ $database.urlKey }}
{{- else }}
- name: PGNETTY_URL
  valueFrom:
    secretKeyRef:
      name: {{ $secret }}
      key: {{ $database.urlKey }}
{{- end }}
{{- $ca := or $database.ca.existingSecret $database.ca.existingConfigMap }}
{{- with $database.sslmode | default (ternary "verify-full" "" (not (empty $ca))) }}
- name: PGSSLMODE
  value: {{ . }}
{{- end }}
{{- if $ca }}
- name: PGSSLROOTCERT
  value: /etc/pgnetty/database-ca/{{ $database.ca.key }}
{{- end }}
{{- if $database.clientCertificateSecret }}
- name: PGSSLCERT
  value: /etc/pgnetty/database-client/tls.crt
- name: PGSSLKEY
  value: /etc/pgnetty/database-client/tls.key
{{- end }}
{{- end -}}

{{- /* The key of the secret that is mounted as a file; empty for none. */ -}}
{{- define "pgnetty.databaseFile" -}}
{{- $database := .Values.database -}}
{{- if $database.keys.host }}
{{- else if $database.url }}
{{- $database.passwordKey }}
{{- else if $database.urlAsFile }}
{{- $database.urlKey }}
{{- end -}}
{{- end -}}

{{- define "pgnetty.databaseMounts" -}}
{{- if include "pgnetty.databaseFile" .context }}
- name: database
  mountPath: /etc/pgnetty/database
  readOnly: true
{{- end }}
{{- with .context.Values.database }}
{{- if or .ca.existingSecret .ca.existingConfigMap }}
- name: database-ca
  mountPath: /etc/pgnetty/database-ca
  readOnly: true
{{- end }}
{{- if .clientCertificateSecret }}
- name: database-client
  mountPath: /etc/pgnetty/database-client
  readOnly: true
{{- end }}
{{- end }}
{{- end -}}

{{- define "pgnetty.databaseVolumes" -}}
{{- with include "pgnetty.databaseFile" .context }}
- name: database
  secret:
    secretName: {{ $.secret }}
    defaultMode: 0440
    items:
      - key: {{ . }}
        path: {{ . }}
{{- end }}
{{- with .context.Values.database }}
{{- if .ca.existingSecret }}
- name: database-ca
  secret:
    secretName: {{ .ca.existingSecret }}
    defaultMode: 0440
    items:
      - key: {{ .ca.key }}
        path: {{ .ca.key }}
{{- else if .ca.existingConfigMap }}
- name: database-ca
  configMap:
    name: {{ .ca.existingConfigMap }}
    items:
      - key: {{ .ca.key }}
        path: {{ .ca.key }}
{{- end }}
{{- with .clientCertificateSecret }}
- name: database-client
  secret:
    secretName: {{ . }}
    defaultMode: 0440
{{- end }}
{{- end }}
{{- end -}}
