{{- define "pgnetty.fullname" -}}
{{- if contains "pgnetty" .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-pgnetty" .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "pgnetty.selectorLabels" -}}
app.kubernetes.io/name: pgnetty
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "pgnetty.labels" -}}
{{ include "pgnetty.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "pgnetty.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (ternary (include "pgnetty.fullname" .) "default" .Values.serviceAccount.create) -}}
{{- end -}}
