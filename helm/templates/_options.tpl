{{- /* The options of run, as environment variables. */ -}}
{{- define "pgnetty.options" -}}
PGNETTY_PROBES: "{{ .Values.service.address }}:{{ .Values.service.port }}"
PGNETTY_DRAIN_TIMEOUT: "{{ .Values.drainTimeoutSeconds }}s"
{{- if .Values.admin.existingSecret }}
PGNETTY_ADMIN: "{{ .Values.service.address }}:{{ .Values.admin.port }}"
PGNETTY_ADMIN_TOKEN_FILE: /etc/pgnetty/admin/{{ .Values.admin.tokenKey }}
{{- $name := include "pgnetty.fullname" . }}
{{- $service := printf "%s.%s.svc" $name .Release.Namespace }}
PGNETTY_ADMIN_HOST: {{ concat (list $name (printf "%s.%s" $name .Release.Namespace) $service (printf "%s.cluster.local" $service)) .Values.admin.hosts | join "," | quote }}
{{- if .Values.admin.tlsSecret }}
PGNETTY_ADMIN_TLS_CERT: /etc/pgnetty/admin-tls/tls.crt
PGNETTY_ADMIN_TLS_KEY: /etc/pgnetty/admin-tls/tls.key
{{- end }}
{{- else }}
PGNETTY_ADMIN: "127.0.0.1:{{ .Values.admin.port }}"
{{- end }}
{{- if .Values.secretsFrom }}
PGNETTY_SECRETS_DIR: /etc/pgnetty/secrets
{{- end }}
{{- if .Values.targetTls.ca.existingSecret }}
PGNETTY_TLS_CA: /etc/pgnetty/target-ca/{{ .Values.targetTls.ca.key }}
{{- end }}
{{- if .Values.targetTls.hosts }}
PGNETTY_TLS_HOSTS: /etc/pgnetty/tls-hosts
{{- end }}
{{- range $name, $value := .Values.config }}
PGNETTY_{{ $name | upper | replace "-" "_" }}: {{ include "pgnetty.text" $value | quote }}
{{- end }}
{{- end -}}

{{- /* Versions of what else the pods read at their start: another one makes new pods at the next upgrade. Empty without a cluster. */ -}}
{{- define "pgnetty.secretVersions" -}}
{{- $names := list .Values.database.existingSecret .Values.database.ca.existingSecret .Values.database.clientCertificateSecret .Values.admin.tlsSecret .Values.secretsFrom .Values.targetTls.ca.existingSecret -}}
{{- range $name := concat $names (values .Values.targetTls.hosts) | uniq | compact | sortAlpha }}
{{- with lookup "v1" "Secret" $.Release.Namespace $name }}{{ $name }}={{ .metadata.resourceVersion }};{{ end }}
{{- end }}
{{- with .Values.database.ca.existingConfigMap }}
{{- with lookup "v1" "ConfigMap" $.Release.Namespace . }}{{ .metadata.name }}={{ .metadata.resourceVersion }};{{ end }}
{{- end }}
{{- end -}}

{{- define "pgnetty.optionMounts" -}}
{{- if .Values.admin.existingSecret }}
- name: admin
  mountPath: /etc/pgnetty/admin
  readOnly: true
{{- end }}
{{- if .Values.admin.tlsSecret }}
- name: admin-tls
  mountPath: /etc/pgnetty/admin-tls
  readOnly: true
{{- end }}
{{- if .Values.secretsFrom }}
- name: secrets
  mountPath: /etc/pgnetty/secrets
  readOnly: true
{{- end }}
{{- if .Values.targetTls.ca.existingSecret }}
- name: target-ca
  mountPath: /etc/pgnetty/target-ca
  readOnly: true
{{- end }}
{{- $hosts := keys .Values.targetTls.hosts | sortAlpha }}
{{- range $number, $host := $hosts }}
- name: tls-host-{{ $number }}
  mountPath: /etc/pgnetty/tls-hosts/{{ $host }}
  readOnly: true
{{- end }}
{{- end -}}

{{- define "pgnetty.optionVolumes" -}}
{{- with .Values.admin.existingSecret }}
- name: admin
  secret:
    secretName: {{ . }}
    defaultMode: 0440
    items:
      - key: {{ $.Values.admin.tokenKey }}
        path: {{ $.Values.admin.tokenKey }}
{{- end }}
{{- with .Values.admin.tlsSecret }}
- name: admin-tls
  secret:
    secretName: {{ . }}
    defaultMode: 0440
{{- end }}
{{- with .Values.secretsFrom }}
- name: secrets
  secret:
    secretName: {{ . }}
    defaultMode: 0440
{{- end }}
{{- with .Values.targetTls.ca.existingSecret }}
- name: target-ca
  secret:
    secretName: {{ . }}
    defaultMode: 0440
    items:
      - key: {{ $.Values.targetTls.ca.key }}
        path: {{ $.Values.targetTls.ca.key }}
{{- end }}
{{- $hosts := keys .Values.targetTls.hosts | sortAlpha }}
{{- range $number, $host := $hosts }}
- name: tls-host-{{ $number }}
  secret:
    secretName: {{ get $.Values.targetTls.hosts $host }}
    defaultMode: 0440
{{- end }}
{{- end -}}
