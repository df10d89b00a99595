{#- The pre-hook of every model: refuses what would replace somebody else's view, and makes sure of the
    tables that the model reads. A model that is refused fails alone: the other nodes of a build are
    built, which those of an on-run-start that fails are not. -#}
{% macro _before_model() -%}
    {%- if execute and flags.WHICH in ('build', 'run') -%}
        {%- do policy_workflow._check_vars(policy_workflow._setting_specs()) -%}
        {%- if model.sources -%}
            {%- do policy_workflow._say_needed_grants(['create ' ~ model.config.materialized ~ ' on schema ' ~ this.database ~ '.' ~ this.schema], [policy_workflow._schema_name(), this.database ~ '.' ~ this.schema] | unique | list) -%}
        {%- endif -%}
        {%- set found = adapter.get_relation(this.database, this.schema, this.identifier) -%}
        {%- if found is not none -%}
            {%- do policy_workflow._check_own_view(found) -%}
        {%- endif -%}
        {%- if model.sources -%}
            {%- do policy_workflow._require_tables() -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
