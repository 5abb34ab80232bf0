{{- /* Each object asks for its name first: so values that contradict each other are refused before anything else is wrong. */ -}}
{{- define "pgnetty.fullname" -}}
{{- include "pgnetty.validate" . -}}
{{- if contains "pgnetty" .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-pgnetty" (.Release.Name | trunc 44 | trimSuffix "-") -}}
{{- end -}}
{{- end -}}

{{- define "pgnetty.selectorLabels" -}}
app.kubernetes.io/name: pgnetty
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- /* The bridges alone: jobs and tests have the others, too. */ -}}
{{- define "pgnetty.bridgeLabels" -}}
{{ include "pgnetty.selectorLabels" . }}
app.kubernetes.io/component: bridge
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

{{- define "pgnetty.image" -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end -}}

{{- /* A value as an environment variable has it: numbers without exponent. */ -}}
{{- define "pgnetty.text" -}}
{{- if and (kindIs "float64" .) (eq (floor .) .) }}{{ int64 . }}{{ else }}{{ . }}{{ end -}}
{{- end -}}

{{- /* Where the pods of the job and the test run. */ -}}
{{- define "pgnetty.placement" -}}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "pgnetty.scaled" -}}
{{- if or .Values.autoscaling.enabled .Values.keda.enabled }}true{{ end -}}
{{- end -}}
